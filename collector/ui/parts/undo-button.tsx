// The way back from one event of the audit; nothing where there is none.
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useControlChange } from '../api/control-change.ts'
import { useFeatures } from '../api/features.ts'
import { routesQuery } from '../api/queries.ts'
import { useRouteChange, whyNotEditable } from '../api/route-change.ts'
import { useRuleChange } from '../api/rule-change.ts'
import type { AuditEvent } from '../api/types.ts'
import { type WayBack, wayBack } from './change-text.ts'

export function UndoButton({ event }: { event: AuditEvent }) {
  const way = wayBack(event)
  return way ? <Undo way={way} /> : <>–</>
}

function Undo({ way }: { way: WayBack }) {
  const features = useFeatures()
  const routes = useQuery(routesQuery)
  const { undo } = useRouteChange()
  const rules = useRuleChange(way.route)
  const control = useControlChange(way.route)
  const route = routes.data?.items.find(({ name }) => name === way.route)
  const why = way.kind === 'route' && route ? whyNotEditable(route, features) : undefined
  const back = useMutation({
    mutationFn: () => {
      if (way.kind === 'route') return undo(way.route, way.version)
      if (way.kind === 'rule-made') return rules.undoMade(way.id)
      if (way.kind === 'rule-removed') return rules.undoRemoved(way.rule)
      return way.control ? control.accept(way.control) : control.withdraw()
    },
  })
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={why !== undefined}
      title={why}
      loading={back.isPending}
      onClick={() => back.mutate()}
    >
      {way.kind === 'route' ? `As at version ${way.version}` : 'Undo'}
    </Button>
  )
}
