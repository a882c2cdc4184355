// Lets people in. A session that ends while someone works shows the login above the page, which keeps what was typed.
import { Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { LoginForm } from '../pages/login-form.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { whenSessionEnds } from './client.ts'
import { sessionQuery } from './queries.ts'
import type { Session } from './types.ts'

export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data
}

export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const session = useQuery(sessionQuery)
  const [wasIn, setWasIn] = useState(false)
  const [isOver, setIsOver] = useState(false)
  useEffect(() => whenSessionEnds(() => setIsOver(true)), [])
  const isIn = session.data?.loggedIn === true
  if (isIn && !wasIn) setWasIn(true)

  const loggedIn = () => {
    setIsOver(false)
    void client.invalidateQueries()
  }
  if (session.isPending) return <Loading what="session" lines={3} />
  if (!wasIn && session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />
  if (!wasIn) return <LoginForm onLoggedIn={loggedIn} />
  return (
    <>
      {children}
      <Modal
        opened={isOver || !isIn}
        onClose={() => {}}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Your session has ended"
      >
        <LoginForm isInline onLoggedIn={loggedIn} />
      </Modal>
    </>
  )
}
