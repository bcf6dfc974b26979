import { reactive } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { Refusal } from '@/api/client'
import { problemText } from '@/i18n/problem'

// Short words at the edge of the page. Good news goes by itself, bad news stays until it is read.
export interface Note {
  id: number
  kind: 'good' | 'bad'
  text: string
  detail?: string
  link?: { to: RouteLocationRaw; text: string }
}

export const notes = reactive<Note[]>([])
let next = 1

export function dismiss(id: number) {
  const place = notes.findIndex((note) => note.id === id)
  if (place >= 0) notes.splice(place, 1)
}

function add(note: Omit<Note, 'id'>) {
  const id = next++
  notes.push({ id, ...note })
  if (notes.length > 4) notes.shift()
  if (note.kind === 'good') setTimeout(() => dismiss(id), 6000)
}

export function useNotes() {
  return {
    good: (text: string, link?: Note['link']) => add({ kind: 'good', text, link }),
    bad: (text: string, detail?: string) => add({ kind: 'bad', text, detail }),
    refused(refusal: Refusal) {
      if (refusal.code === 'not_logged_in') return // the log-in says so itself
      const { title, detail } = problemText(refusal.problem)
      add({ kind: 'bad', text: title, detail })
    },
  }
}

// Does it, and tells when it was refused. True: done.
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    useNotes().refused(error)
    return false
  }
}
