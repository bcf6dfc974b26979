// Just enough of OpenAPI 3.1 to show our own description to people.
export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: string[]
  anyOf?: Schema[]
  allOf?: Schema[]
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
}
export interface Parameter {
  $ref?: string
  name: string
  in: string
  required?: boolean
  description?: string
  schema: Schema
}
interface Content {
  content?: Record<string, { schema: Schema }>
  description?: string
}
export interface OperationObject {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
  'x-problems'?: string[]
}
export interface Description {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, OperationObject>>
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> }
}

export const nameOf = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1)

// "Container", "string | null", "Gpu[]"
export function typeText(schema: Schema | undefined): string {
  if (!schema) return ''
  if (schema.$ref) return nameOf(schema.$ref)
  if (schema.allOf?.[0]) return typeText(schema.allOf[0])
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ')
  if (schema.enum) return schema.enum.map((v) => `"${v}"`).join(' | ')
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'object']
  return types.map((type) => (type === 'array' ? `${typeText(schema.items)}[]` : type === 'string' && schema.format ? schema.format : type)).join(' | ')
}

// The one named schema behind it, for a link.
export function target(schema: Schema | undefined): string | null {
  if (!schema) return null
  if (schema.$ref) return nameOf(schema.$ref)
  for (const inner of [schema.items, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) {
    const found = target(inner)
    if (found) return found
  }
  return null
}

const kBody = ['application/json', 'text/event-stream', 'application/problem+json']
export const contentOf = (holder: Content | undefined): Schema | undefined => {
  for (const type of kBody) if (holder?.content?.[type]) return holder.content[type].schema
  return undefined
}
