import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { devices, images } from './lab'
import { alternatives, freeGpus, leastLoaded, nearest, obstacles, suggestSize, type Wish } from './room'

// What somebody wants of a new container, filled in beforehand: the least loaded machine, a free GPU, a fair size.
export function useWish() {
  const { t } = useI18n()
  const name = ref('')
  const did = ref(0)
  const iid = ref(0)
  const gpus = ref<number[]>([])
  const cpu = ref<number | string>(1)
  const memoryGib = ref<number | string>(1)
  let sizeIsTheirs = false

  const device = computed(() => devices.data?.find((d) => d.did === did.value))
  const usable = computed(() => (images.data ?? []).filter((i) => i.did === did.value && i.state === 'ready'))
  const image = computed(() => usable.value.find((i) => i.iid === iid.value))
  const wanted = computed<Wish>(() => ({
    cpu: Math.round(Number(cpu.value)) || 0,
    memory_mb: Math.round(Number(memoryGib.value) * 1024) || 0,
    gpus: gpus.value,
  }))
  const blocked = computed(() => (device.value ? obstacles(device.value, wanted.value, gpus.value) : []))
  const here = computed(() => (device.value && blocked.value.length ? nearest(device.value, wanted.value) : null))
  const elsewhere = computed(() =>
    devices.data && blocked.value.length ? alternatives(devices.data, did.value, wanted.value, gpus.value.length) : [],
  )

  function take(size: { cpu: number; memory_mb: number }) {
    cpu.value = size.cpu
    memoryGib.value = size.memory_mb % 1024 === 0 || size.memory_mb < 1024 ? size.memory_mb / 1024 : Math.floor(size.memory_mb / 1024)
  }
  function fitSize() {
    if (device.value && !sizeIsTheirs) take(suggestSize(device.value, gpus.value.length))
  }
  function moveTo(chosen: number, gpu?: number) {
    const before = image.value?.name
    did.value = chosen
    const free = device.value ? freeGpus(device.value) : []
    gpus.value = gpu ? [gpu] : free.slice(0, 1).map((g) => g.gid)
    // The same image as chosen before, if that machine has one of that name; else the lab's own first.
    const same = usable.value.find((i) => i.name === before)
    iid.value = (same ?? usable.value.find((i) => i.owner === null) ?? usable.value[0])?.iid ?? 0
    fitSize()
  }
  // What an address asks for (a GPU, an image, a machine), as far as it is there.
  function begin(asked: { gid: number; iid: number; did: number }) {
    const all = devices.data ?? []
    sizeIsTheirs = false
    iid.value = 0
    const from = images.data?.find((i) => i.iid === asked.iid)
    const byGpu = all.find((d) => d.gpus.some((g) => g.gid === asked.gid && g.state === 'free'))
    const start = byGpu ?? all.find((d) => d.did === (from?.did ?? asked.did)) ?? leastLoaded(all, images.data ?? []) ?? all[0]
    if (start) moveTo(start.did, byGpu ? asked.gid : undefined)
    if (from) iid.value = from.iid
    name.value = from?.name ?? t('new.defaultName')
  }
  function toggle(gid: number) {
    gpus.value = gpus.value.includes(gid) ? gpus.value.filter((g) => g !== gid) : [...gpus.value, gid].sort((a, b) => a - b)
    fitSize()
  }
  function takeNearest() {
    if (!here.value) return
    const { gpus: free, ...size } = here.value
    if (size.cpu !== wanted.value.cpu || size.memory_mb !== wanted.value.memory_mb) take(size)
    gpus.value = free
  }
  return {
    name, did, iid, gpus, cpu, memoryGib, device, usable, image, wanted, blocked, here, elsewhere,
    moveTo, begin, toggle, takeNearest,
    sizeTouched: () => void (sizeIsTheirs = true),
  }
}
