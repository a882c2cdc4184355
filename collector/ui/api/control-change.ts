// Control traffic of a route that comes from labels: accepted beside them, and taken back.
import { useQueryClient } from '@tanstack/react-query'
import { failure, useMessages } from '../parts/messages.tsx'
import { apiPath } from '../paths.ts'
import { readApi } from './client.ts'
import type { AcceptedControl } from './types.ts'

export function useControlChange(route: string) {
  const client = useQueryClient()
  const tell = useMessages()
  const done = async (text: string, undo?: () => Promise<void>) => {
    await client.invalidateQueries()
    tell({ text, ...(undo && { action: { label: 'Undo', run: () => void undo() } }) })
  }

  const withdraw = async () => {
    try {
      await readApi(apiPath.acceptControl(route), { method: 'DELETE' })
      await done(`Undone: ${route} sends the primary nothing a second time`)
    } catch (error) {
      tell(failure('Not undone', error))
    }
  }
  const accept = async (control: AcceptedControl) => {
    try {
      await readApi(apiPath.acceptControl(route), { method: 'POST', body: control })
      await done(
        `${route} has a control${control.percent === undefined ? '' : ` of ${control.percent} %`} now`,
        withdraw,
      )
    } catch (error) {
      tell(failure('Not accepted', error))
    }
  }
  return { accept, withdraw }
}
