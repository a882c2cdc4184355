// Making rules and taking them away, with the way back, and told to every list.
import { useQueryClient } from '@tanstack/react-query'
import { failure, useMessages } from '../parts/messages.tsx'
import { apiPath } from '../paths.ts'
import { readApi } from './client.ts'
import type { Rule, RuleInput } from './types.ts'

export function useRuleChange(route: string) {
  const client = useQueryClient()
  const tell = useMessages()
  // A rule changes what counts as noise, in lists and in reports.
  const told = () => client.invalidateQueries()
  const undone = async (work: Promise<unknown>) => {
    try {
      await work
      await told()
      tell({ text: 'Undone' })
    } catch (error) {
      tell(failure('Not undone', error))
    }
  }
  const post = (rule: RuleInput) => readApi<Rule>(apiPath.rules(route), { method: 'POST', body: rule })
  const remove = (id: string) => readApi(apiPath.rule(route, id), { method: 'DELETE' })
  return {
    /** What was made of nothing goes again. */
    made(what: string, { id }: Rule) {
      void told()
      tell({ text: what, action: { label: 'Undo', run: () => void undone(remove(id)) } })
    },
    /** What was taken away comes back, as a new rule. */
    removed(what: string, rule: RuleInput) {
      void told()
      tell({ text: what, action: { label: 'Undo', run: () => void undone(post(rule)) } })
    },
    failed: (what: string, error: Error) => tell(failure(what, error)),
    post,
    remove,
    undoMade: (id: string) => undone(remove(id)),
    undoRemoved: (rule: RuleInput) => undone(post(rule)),
  }
}
