// A new route: written, shown as the change in Traefik that it is, then made.
import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { readApi } from '../api/client.ts'
import { useFeatures } from '../api/features.ts'
import type { DryRun, Route } from '../api/types.ts'
import { useAskBeforeLeaving, useKeptEdit } from '../parts/kept-edits.ts'
import { useMessages } from '../parts/messages.tsx'
import { Page } from '../parts/page.tsx'
import { ReviewDialog } from '../parts/review-dialog.tsx'
import { emptyDraft, inputOf } from '../parts/route-draft.ts'
import { RouteForm } from '../parts/route-form.tsx'
import { Empty } from '../parts/states.tsx'
import { needsTypedName } from '../parts/typed-name.tsx'
import { apiPath, pagePath } from '../paths.ts'

export function NewRoutePage() {
  const features = useFeatures()
  const client = useQueryClient()
  const tell = useMessages()
  const [, go] = useLocation()
  const [draft, setDraft, forget] = useKeptEdit('new route', () => emptyDraft)
  useAskBeforeLeaving(JSON.stringify(draft) !== JSON.stringify(emptyDraft))
  const [preview, setPreview] = useState<DryRun>()
  const send = <T,>(dryRun: boolean) =>
    readApi<T>(apiPath.routes, { method: 'POST', ...(dryRun && { query: { dryRun } }), body: inputOf(draft) })
  const dryRun = useMutation({ mutationFn: () => send<DryRun>(true), onSuccess: setPreview })
  const create = useMutation({
    mutationFn: () => send<Route>(false),
    onSuccess: async ({ name }) => {
      forget()
      await client.invalidateQueries({ queryKey: ['routes'] })
      tell({ text: `${name} is made; its page shows what Traefik says of it` })
      go(pagePath.route(name))
    },
  })
  if (features.isKnown && !features.has('post /api/v1/routes')) {
    return (
      <Page title="New route">
        <Empty title="This server makes no routes">They come from its routes file, its flags or Docker's labels.</Empty>
      </Page>
    )
  }
  return (
    <Page title="New route">
      <RouteForm isNew draft={draft} change={(changed) => setDraft({ ...draft, ...changed })} refusal={dryRun.error} />
      <Group>
        <Button onClick={() => dryRun.mutate()} loading={dryRun.isPending}>
          Review the change
        </Button>
      </Group>
      {preview && (
        <ReviewDialog
          title={`Make ${draft.name}`}
          preview={preview}
          isPending={create.isPending}
          error={create.error}
          nameToType={needsTypedName(0, inputOf(draft).share) ? draft.name.trim() : undefined}
          onConfirm={() => create.mutate()}
          onClose={() => setPreview(undefined)}
        />
      )}
    </Page>
  )
}
