// Editing a route: what is typed is kept while the server changes its mind, and nobody's change is lost.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useFeatures } from '../api/features.ts'
import { previewChange, useRouteChange, whyNotEditable } from '../api/route-change.ts'
import type { DryRun, Route } from '../api/types.ts'
import { DeleteRoute } from './delete-route.tsx'
import { visible } from './format.ts'
import { useAskBeforeLeaving, useKeptEdit } from './kept-edits.ts'
import { ReviewDialog } from './review-dialog.tsx'
import { changedFields, draftOf, patchOf, type RouteDraft } from './route-draft.ts'
import { RouteForm } from './route-form.tsx'
import { needsTypedName } from './typed-name.tsx'

export function RouteSettings({ route }: { route: Route }) {
  const features = useFeatures()
  const why = whyNotEditable(route, features)
  // The route as it was when editing began: what someone else saves meanwhile must not slip in unseen.
  const [{ base, draft }, setEdit, forget] = useKeptEdit<Edit>(`route ${route.name}`, () => editOf(route))
  const [preview, setPreview] = useState<DryRun>()
  const patch = patchOf(draftOf(base), draft, base)
  const isChanged = Object.keys(patch).length > 0
  useAskBeforeLeaving(isChanged)
  const theirs = route.version !== base.version ? route : undefined
  const isBehind = theirs !== undefined && !isChanged
  const startAgain = (from: Route) => {
    setEdit(editOf(from))
    forget()
    dryRun.reset()
  }
  useEffect(() => {
    if (isBehind) startAgain(route)
  })

  const dryRun = useMutation({ mutationFn: () => previewChange(base, patch), onSuccess: setPreview })
  const { change } = useRouteChange({
    onDone: () => setPreview(undefined),
    onConflict: () => setPreview(undefined),
  })
  const apply = () =>
    change.mutate(
      { route: base, patch, what: `${base.name} is changed` },
      { onSuccess: ({ data }) => startAgain(data) },
    )
  return (
    <Stack gap="md">
      {why && (
        <Alert variant="outline" color="yellow" title="Not editable here">
          {why}
        </Alert>
      )}
      {theirs && isChanged && (
        <Conflict
          base={base}
          theirs={theirs}
          mine={patch}
          takeTheirs={() => startAgain(theirs)}
          keepMine={() => setEdit({ base: theirs, draft: mergedDraft(draftOf(base), draft, draftOf(theirs)) })}
        />
      )}
      <RouteForm
        draft={draft}
        change={(changed) => setEdit({ base, draft: { ...draft, ...changed } })}
        disabled={why !== undefined}
        refusal={dryRun.error}
      />
      <Group>
        <Button
          onClick={() => dryRun.mutate()}
          loading={dryRun.isPending}
          disabled={!isChanged || why !== undefined || theirs !== undefined}
        >
          Review the change
        </Button>
        {isChanged && (
          <Button variant="default" onClick={() => startAgain(theirs ?? base)}>
            Forget what I typed
          </Button>
        )}
      </Group>
      {!why && features.has('delete /api/v1/routes/{name}') && <DeleteRoute route={route} />}
      {preview && (
        <ReviewDialog
          title={`Change ${base.name}`}
          preview={preview}
          isPending={change.isPending}
          error={change.error}
          nameToType={needsTypedName(base.share ?? 0, patch.share) ? base.name : undefined}
          onConfirm={apply}
          onClose={() => setPreview(undefined)}
        />
      )}
    </Stack>
  )
}

type Edit = { base: Route; draft: RouteDraft }

const editOf = (route: Route): Edit => ({ base: route, draft: draftOf(route) })

/** Theirs, with what was typed here laid over it. */
function mergedDraft(base: RouteDraft, mine: RouteDraft, theirs: RouteDraft): RouteDraft {
  const typed = Object.entries(mine).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(base[field as keyof RouteDraft]),
  )
  return { ...theirs, ...Object.fromEntries(typed) }
}

function Conflict(props: {
  base: Route
  theirs: Route
  mine: Record<string, unknown>
  takeTheirs: () => void
  keepMine: () => void
}) {
  const { base, theirs, mine, takeTheirs, keepMine } = props
  const mineText = Object.entries(mine)
    .map(([field, value]) => `${field} → ${JSON.stringify(value)}`)
    .join(', ')
  return (
    <Alert color="yellow" variant="outline" title="Someone else has changed this route meanwhile" role="alert">
      <Stack gap="xs">
        <Text size="sm" className="u-wrap">
          Theirs (version {theirs.version}, by {visible(theirs.updatedBy ?? 'someone')}):{' '}
          {visible(changedFields(withoutState(base), withoutState(theirs)))}
        </Text>
        <Text size="sm" className="u-wrap">
          Yours (not saved): {visible(mineText)}
        </Text>
        <Group gap="xs">
          <Button size="xs" onClick={keepMine}>
            Lay mine over theirs
          </Button>
          <Button size="xs" variant="default" onClick={takeTheirs}>
            Take theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}

function withoutState(route: Route): Route {
  const { version: _1, updatedAt: _2, updatedBy: _3, state: _4, reason: _5, ...rest } = route
  return rest as Route
}
