import { ApiError } from '../api/client.ts'

/** The API's refusals by the field of the form they are about: `/body/protect/rate` is told at `rate`. Pure. */
export function fieldErrors(error: Error | null): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  const errors: Record<string, string> = {}
  for (const { pointer, message } of error.problem?.errors ?? []) {
    const [field = '', below = ''] = pointer.replace(/^\/body\/?/, '').split('/')
    const at = field === 'protect' ? below : field
    if (at !== '') errors[at] ??= message
  }
  return errors
}
