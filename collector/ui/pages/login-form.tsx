import { Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { readApi } from '../api/client.ts'
import type { Session } from '../api/types.ts'
import { apiPath } from '../paths.ts'

/** `isInline`: above a page that is kept. The token is sent once and held nowhere. */
export function LoginForm({ isInline, onLoggedIn }: { isInline?: boolean; onLoggedIn: () => void }) {
  const [token, setToken] = useState('')
  const login = useMutation({
    mutationFn: (given: string) => readApi<Session>(apiPath.session, { method: 'POST', body: { token: given } }),
    onSuccess: () => {
      setToken('')
      onLoggedIn()
    },
  })
  useEffect(() => {
    if (!isInline) document.title = 'Log in · Understudy'
  }, [isInline])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token !== '') login.mutate(token)
  }
  const form = (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {isInline ? (
          <Text size="sm">Log in again to go on. What you typed on this page is kept.</Text>
        ) : (
          <>
            <Title order={1}>Understudy</Title>
            <Text c="dimmed" size="sm">
              This server asks for its admin token: the value of <code>UNDERSTUDY_ADMIN_TOKEN</code>.
            </Text>
          </>
        )}
        <PasswordInput
          label="Admin token"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={login.error?.message}
          data-autofocus
          autoFocus
        />
        <Button type="submit" loading={login.isPending} disabled={token === ''}>
          Log in
        </Button>
      </Stack>
    </form>
  )
  if (isInline) return form
  return (
    <Center component="main" mih="80vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400}>
        {form}
      </Paper>
    </Center>
  )
}
