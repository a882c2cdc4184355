// Deleting a route: its effect is told, and its name has to be typed. Its versions stay, so it can come back.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { readApi } from '../api/client.ts'
import { useRouteChange } from '../api/route-change.ts'
import type { Route } from '../api/types.ts'
import { apiPath, pagePath } from '../paths.ts'
import { useMessages } from './messages.tsx'
import { TypedName } from './typed-name.tsx'

export function DeleteRoute({ route }: { route: Route }) {
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const client = useQueryClient()
  const tell = useMessages()
  const { undo } = useRouteChange()
  const [, go] = useLocation()
  const { name, version } = route
  const remove = useMutation({
    mutationFn: () =>
      readApi(apiPath.route(name), {
        method: 'DELETE',
        ifMatch: version === undefined ? undefined : `"${version}"`,
      }),
    onSuccess: async () => {
      go(pagePath.routes())
      await client.invalidateQueries({ queryKey: ['routes'] })
      tell({
        text: `${name} is deleted; Traefik routes as if it had never been`,
        ...(version !== undefined && { action: { label: 'Undo', run: () => void undo(name, version) } }),
      })
    },
  })
  return (
    <Group justify="flex-end">
      <Button variant="default" className="u-different" onClick={() => setOpen(true)}>
        Delete the route
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title={`Delete ${name}`}>
        <Stack gap="sm">
          <Text size="sm">
            Its requests are no longer mirrored or compared; clients notice nothing. What was compared stays, and so do
            the route's versions.
          </Text>
          <TypedName name={name} typed={typed} onType={setTyped} error={remove.error?.message} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button color="red" disabled={typed !== name} loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  )
}
