// Most of the traffic goes to the shadow from here on: what that means is told, and the route's name is asked for.
import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { TypedName } from './typed-name.tsx'

export function ShareDialog(props: {
  name: string
  share: number
  wanted: number
  effect: ReactNode
  isPending: boolean
  onConfirm: () => void
  onClose: () => void
}) {
  const { name, share, wanted, effect, isPending, onConfirm, onClose } = props
  const [typed, setTyped] = useState('')
  // A double click on what opens it must not close it again.
  return (
    <Dialog closeOnClickOutside={false} onClose={onClose} title={`Mirror ${wanted} % of ${name}`}>
      <Stack gap="sm">
        <Text size="sm">
          The shadow gets a copy of {wanted} % of the route's requests, no longer of {share} %; what it shares with the
          primary, such as a database, feels that too. Clients notice nothing.
        </Text>
        {effect}
        <TypedName name={name} typed={typed} onType={setTyped} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={typed !== name} loading={isPending} onClick={onConfirm}>
            Raise the share
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
