// What a rule would do to what is stored already.
import { Alert, Text } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { RulePreview } from '../api/types.ts'
import { plural } from './format.ts'

export function Preview({ query }: { query: Pick<UseQueryResult<RulePreview>, 'data' | 'error'> }) {
  const { data, error } = query
  if (error)
    return (
      <Alert color="red" variant="outline" title="No preview">
        {error.message}
      </Alert>
    )
  if (!data) return <Text size="sm">Looking at what it would hide …</Text>
  return (
    <Alert variant="outline" color={data.hides === 0 ? 'yellow' : 'indigo'} title="What it would do" role="status">
      <Text size="sm">
        It would hide {data.hides === 0 ? 'none' : data.hides} of the last {plural(data.of, 'differing comparison')}.
        {data.stillReal.length > 0 && ` ${plural(data.stillReal.length, 'comparison')} would still differ, elsewhere.`}
      </Text>
    </Alert>
  )
}
