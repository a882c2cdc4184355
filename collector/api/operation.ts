// One operation of the API: what it takes, what it answers, and the code behind it, in one place. Serving and OpenAPI
// are both made from the same list, so neither can say more than the other.
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { ProblemName } from './problem.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type Shape = z.ZodObject
const nothing = z.strictObject({})
type Nothing = typeof nothing

export type Call<P extends Shape, Q extends Shape, B extends z.ZodType> = {
  params: z.output<P>
  query: z.output<Q>
  body: z.output<B>
  /** False where the operation is open and the caller brought no token. */
  hasRights: boolean
  request: Request
  response: Response
}

type Definition<P extends Shape, Q extends Shape, B extends z.ZodType> = {
  /** Unique; a verb and its noun. */
  id: string
  method: Method
  /** As OpenAPI writes it: `/api/v1/routes/{name}`. */
  path: string
  summary: string
  tag: string
  /** Answers without a token even where one is set. */
  open?: true
  /** Answers whatever the Host header says: a probe comes by address. */
  anyHost?: true
  params?: P
  query?: Q
  body?: B
  /** Where the handler reads the body by a stricter schema than `body`: what OpenAPI shows. */
  shownBody?: z.ZodType
  /** 64 KiB where it is left out. */
  bodyLimitBytes?: number
  /** Of a success, where it is not only 200: 201 or 204 (without a body). */
  status?: 201 | 204
  /** The schema of a JSON answer, or the media type of one that `handle` writes itself. */
  answer: z.ZodType | string
  problems?: ProblemName[]
  /** Returns the JSON answer; undefined when it has answered itself. */
  handle(call: Call<P, Q, B>): Promise<unknown> | unknown
}

export type Operation = {
  id: string
  method: Method
  path: string
  summary: string
  tag: string
  open: boolean
  anyHost: boolean
  params: Shape
  query: Shape
  body: z.ZodType | null
  shownBody: z.ZodType | null
  bodyLimitBytes: number
  status: 201 | 204 | null
  answer: z.ZodType | string
  problems: ProblemName[]
  handle(call: Call<Shape, Shape, z.ZodType>): Promise<unknown> | unknown
}

export function operation<P extends Shape = Nothing, Q extends Shape = Nothing, B extends z.ZodType = Nothing>(
  definition: Definition<P, Q, B>,
): Operation {
  const isBodiless = definition.method === 'get' || definition.method === 'delete'
  const body = isBodiless ? null : (definition.body ?? nothing)
  return {
    ...definition,
    open: definition.open ?? false,
    anyHost: definition.anyHost ?? false,
    params: definition.params ?? nothing,
    query: definition.query ?? nothing,
    body,
    shownBody: definition.shownBody ?? body,
    bodyLimitBytes: definition.bodyLimitBytes ?? 64 * 1024,
    status: definition.status ?? null,
    problems: definition.problems ?? [],
    // The schemas above are the ones that read the call, so its parts have the types the handler asks for.
    handle: (call) => definition.handle(call as Call<P, Q, B>),
  }
}
