// A rule written by hand, with what it would hide told before it is made.
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readApi } from '../api/client.ts'
import { useRuleChange } from '../api/rule-change.ts'
import type { RuleInput, RulePreview } from '../api/types.ts'
import { apiPath } from '../paths.ts'
import { Dialog } from './dialog.tsx'
import { Preview } from './rule-preview.tsx'

/** What can be chosen without a further word; the routes file can say more. */
const treatments = [
  { value: 'ignore', label: 'Ignore: never looked at' },
  { value: 'expected', label: 'Expected: this change is wanted' },
  { value: 'timestamp', label: 'Any time' },
  { value: 'uuid', label: 'Any UUID' },
  { value: 'token', label: 'Any token' },
  { value: 'counter', label: 'A counter' },
  { value: 'url-host', label: 'A URL whose host may differ' },
  { value: 'unordered', label: 'A list in any order' },
]

export type RuleStart = { at: string; endpoint?: string }

export function RuleDialog(props: { name: string; start?: RuleStart; onClose: () => void }) {
  const { name, start, onClose } = props
  const rules = useRuleChange(name)
  const [at, setAt] = useState(start?.at ?? '')
  const [endpoint, setEndpoint] = useState(start?.endpoint ?? '')
  const [treat, setTreat] = useState('ignore')
  const [comment, setComment] = useState('')
  const [until, setUntil] = useState('')
  const place = { at: at.trim(), treat, ...(endpoint.trim() !== '' && { endpoint: endpoint.trim() }) }
  const rule: RuleInput = {
    ...place,
    ...(comment.trim() !== '' && { comment: comment.trim() }),
    ...(until !== '' && { until }),
  }
  const [asked] = useDebouncedValue(JSON.stringify(place), 300)
  const preview = useQuery({
    queryKey: ['rule-preview', name, asked],
    queryFn: ({ signal }) =>
      readApi<RulePreview>(apiPath.rulePreview(name), { method: 'POST', body: JSON.parse(asked), signal }),
    enabled: place.at !== '',
  })
  const add = useMutation({
    mutationFn: () => rules.post(rule),
    onSuccess: (made) => {
      rules.made(`${place.at} ${treat === 'ignore' ? 'is ignored' : `is taken as ${treat}`} from now on`, made)
      onClose()
    },
  })
  return (
    <Dialog onClose={onClose} title={start ? 'Ignore this field' : 'New rule'} size="lg">
      <Stack gap="sm">
        <TextInput
          label="Field"
          description="A pointer into the body, header:<name>, trailer:<name>, status or line:<n>; * stands for every position of a list"
          placeholder="/items/*/updatedAt"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <TextInput
          label="Only on this endpoint"
          description={`Empty: everywhere on ${name}`}
          placeholder="GET /tickets/**"
          value={endpoint}
          onChange={(event) => setEndpoint(event.currentTarget.value)}
        />
        <Select
          label="As what"
          allowDeselect={false}
          value={treat}
          onChange={(value) => setTreat(value ?? 'ignore')}
          data={treatments}
        />
        <Group grow align="flex-start">
          <TextInput label="Why" value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
          <TextInput
            type="date"
            label="Until"
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </Group>
        {place.at !== '' && <Preview query={preview} />}
        {add.error && (
          <Text size="sm" c="red" role="alert">
            {add.error.message}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => add.mutate()} loading={add.isPending} disabled={place.at === ''}>
            {treat === 'ignore' ? 'Ignore' : 'Add the rule'}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          It holds for comparisons made from now on, and can be taken away under Rules.
        </Text>
      </Stack>
    </Dialog>
  )
}
