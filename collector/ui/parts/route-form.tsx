// The fields of a route. What each may hold is the API's matter: it is asked before anything is changed.
import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { fieldErrors } from './field-errors.ts'
import { methods, protectByItself, type RouteDraft } from './route-draft.ts'

type Props = {
  draft: RouteDraft
  change: (changed: Partial<RouteDraft>) => void
  isNew?: boolean
  disabled?: boolean
  /** What the API said of the draft. */
  refusal: Error | null
}

type PartProps = Pick<Props, 'draft' | 'change'> & { errors: Record<string, string> }

export function RouteForm({ draft, change, isNew, disabled, refusal }: Props) {
  const errors = fieldErrors(refusal)
  const text = (field: TextField, label: string, more: { description?: string; placeholder?: string } = {}) => (
    <TextInput
      label={label}
      value={draft[field]}
      onChange={(event) => change({ [field]: event.currentTarget.value })}
      error={errors[field]}
      {...more}
    />
  )
  return (
    <fieldset disabled={disabled ?? false} className="u-fieldset">
      <Stack gap="md">
        {isNew && text('name', 'Name', { description: 'a-z, 0-9 and -', placeholder: 'ticketing' })}
        {text('rule', 'Rule', {
          description: "Traefik's rule of the requests; empty for a discovered primary: its router's",
          placeholder: 'PathPrefix(`/api/ticketing`)',
        })}
        {text('primary', 'Primary', {
          description: 'A service of Traefik, or a URL',
          placeholder: 'ticketing@docker or http://127.0.0.1:3000',
        })}
        <Shadows draft={draft} change={change} errors={errors} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {text('share', 'Share (%)', { description: 'of the requests, 0.01 to 100' })}
          {text('control', 'Control (%)', { description: 'of the sampled ones are asked of the primary again' })}
        </SimpleGrid>
        <Checkbox.Group
          label="Methods that are mirrored"
          value={draft.methods}
          onChange={(chosen) => change({ methods: methods.filter((each) => chosen.includes(each)) })}
          error={errors.methods}
        >
          <Group gap="md" mt={4}>
            {methods.map((method) => (
              <Checkbox key={method} value={method} label={method} />
            ))}
          </Group>
        </Checkbox.Group>
        <Textarea
          label="Operations that may be mirrored besides"
          description="One a line; a mirrored write has side effects in the shadow"
          placeholder="POST /api/ticketing/tickets/search"
          autosize
          minRows={2}
          value={draft.operations}
          onChange={(event) => change({ operations: event.currentTarget.value })}
          error={errors.operations}
        />
        <Storage draft={draft} change={change} errors={errors} />
        <Fieldset legend="Protection of the shadow">
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            {text('rate', 'Rate (requests/s)', { placeholder: protectByItself.rate })}
            {text('burst', 'Burst', { placeholder: protectByItself.burst })}
            {text('inFlight', 'In flight at once', { placeholder: protectByItself.inFlight })}
            {text('timeoutMs', 'Time-out (ms)', { placeholder: protectByItself.timeoutMs })}
          </SimpleGrid>
        </Fieldset>
        <Switch
          label="Tell clients the exchange id (X-Understudy-Id)"
          checked={draft.exposeId}
          onChange={(event) => change({ exposeId: event.currentTarget.checked })}
        />
        <Switch
          label="Mirror this route"
          checked={draft.enabled}
          onChange={(event) => change({ enabled: event.currentTarget.checked })}
        />
        {refusal && (
          <Text size="sm" c="red" role="alert" className="u-wrap">
            {refusal.message}
          </Text>
        )}
      </Stack>
    </fieldset>
  )
}

type TextField = 'name' | 'rule' | 'primary' | 'share' | 'control' | 'rate' | 'burst' | 'inFlight' | 'timeoutMs'

function Shadows({ draft, change, errors }: PartProps) {
  const set = (at: number, changed: Partial<RouteDraft['shadows'][number]>) =>
    change({ shadows: draft.shadows.map((shadow, index) => (index === at ? { ...shadow, ...changed } : shadow)) })
  return (
    <Fieldset legend="Shadows">
      <Stack gap="sm">
        {draft.shadows.map((shadow, at) => (
          <Group key={at} align="flex-end" gap="sm">
            <TextInput
              label="Name"
              w={140}
              value={shadow.name}
              onChange={(event) => set(at, { name: event.currentTarget.value })}
            />
            <TextInput
              label="Service or URL"
              className="u-grow"
              placeholder="http://127.0.0.1:3001"
              value={shadow.target}
              onChange={(event) => set(at, { target: event.currentTarget.value })}
              error={at === 0 ? errors.shadows : undefined}
            />
            <Checkbox
              label="Sandbox"
              mb={8}
              checked={shadow.sandbox}
              onChange={(event) => set(at, { sandbox: event.currentTarget.checked })}
            />
            {draft.shadows.length > 1 && (
              <Button
                variant="default"
                onClick={() => change({ shadows: draft.shadows.filter((_, index) => index !== at) })}
              >
                Remove {shadow.name}
              </Button>
            )}
          </Group>
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            onClick={() =>
              change({
                shadows: [...draft.shadows, { name: `shadow-${draft.shadows.length + 1}`, target: '', sandbox: false }],
              })
            }
          >
            Another shadow
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  )
}

function Storage({ draft, change, errors }: PartProps) {
  return (
    <Fieldset legend="What is stored">
      <Group align="flex-end">
        <SegmentedControl
          aria-label="What is stored"
          value={draft.store}
          onChange={(store) => change({ store: store as RouteDraft['store'] })}
          data={[
            { value: 'all', label: 'All' },
            { value: 'differing', label: 'Differing' },
            { value: 'sample', label: 'And a sample' },
          ]}
        />
        {draft.store === 'sample' && (
          <TextInput
            label="Sample (%)"
            w={120}
            value={draft.sample}
            onChange={(event) => change({ sample: event.currentTarget.value })}
            error={errors.store}
          />
        )}
      </Group>
    </Fieldset>
  )
}
