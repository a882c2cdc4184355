// "Ignore this field": a rule made from one difference, with what it would hide told before it is made.
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { readApi } from '../api/client.ts'
import type { Comparison, Difference, Rule, RuleInput, RulePreview } from '../api/types.ts'
import { apiPath } from '../paths.ts'
import { useMessages } from './messages.tsx'
import { Preview } from './rule-preview.tsx'
import { ruleAt } from './rule-text.ts'

export function IgnoreDialog(props: { comparison: Comparison; difference: Difference; onClose: () => void }) {
  const { comparison, difference, onClose } = props
  const { route, endpoint } = comparison
  const client = useQueryClient()
  const tell = useMessages()
  const [at, setAt] = useState(() => ruleAt(difference.path))
  const [scope, setScope] = useState<string>('endpoint')
  const [treat, setTreat] = useState('ignore')
  const [comment, setComment] = useState('')
  const rule: RuleInput = {
    at,
    treat,
    ...(scope === 'endpoint' && { endpoint }),
    ...(comment.trim() !== '' && { comment: comment.trim() }),
  }
  const [asked] = useDebouncedValue(JSON.stringify({ at, treat, endpoint: rule.endpoint }), 300)
  const preview = useQuery({
    queryKey: ['rule-preview', route, asked],
    queryFn: ({ signal }) =>
      readApi<RulePreview>(apiPath.rulePreview(route), { method: 'POST', body: { rule: JSON.parse(asked) }, signal }),
  })
  const remove = (id: string) =>
    readApi(apiPath.rule(route, id), { method: 'DELETE' }).then(() => client.invalidateQueries())
  const add = useMutation({
    mutationFn: () => readApi<Rule>(apiPath.rules(route), { method: 'POST', body: { rule } }),
    onSuccess: (made) => {
      void client.invalidateQueries()
      tell({
        text: `${at} is ignored from now on`,
        action: { label: 'Undo', run: () => void remove(made.id).catch(() => undefined) },
      })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title="Ignore this field" size="lg">
      <Stack gap="sm">
        <TextInput
          label="Field"
          description="A pointer into the body, header:<name>, status or line:<n>; * stands for every position of an array"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          error={add.error?.message}
        />
        <Select
          label="Where"
          allowDeselect={false}
          value={scope}
          onChange={(value) => setScope(value ?? 'endpoint')}
          data={[
            { value: 'endpoint', label: `Only ${endpoint}` },
            { value: 'route', label: `Everywhere on ${route}` },
          ]}
        />
        <Select
          label="As what"
          allowDeselect={false}
          value={treat}
          onChange={(value) => setTreat(value ?? 'ignore')}
          data={[
            { value: 'ignore', label: 'Ignore: never looked at' },
            { value: 'expected', label: 'Expected: this change is wanted' },
          ]}
        />
        <TextInput
          label="Why"
          placeholder="a timestamp of the build"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Preview query={preview} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => add.mutate()} loading={add.isPending} disabled={at.trim() === ''}>
            Ignore
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          The rule can be taken back on the route's page, under Rules.
        </Text>
      </Stack>
    </Modal>
  )
}
