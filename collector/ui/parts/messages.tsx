// What an action did, told once at the foot of the window and to screen readers; some can be undone from there.
import { Button, Group, Paper, Text } from '@mantine/core'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'

export type Message = { text: string; isError?: boolean; action?: { label: string; run: () => void } }

const Tell = createContext<(message: Message) => void>(() => {})
const shownMs = 12_000

export const useMessages = () => useContext(Tell)

/** `Not undone: the collector does not answer`. */
export function failure(what: string, error: unknown): Message {
  return { text: `${what}: ${error instanceof Error ? error.message : error}`, isError: true }
}

export function Messages({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState<Message>()
  const tell = useCallback((next: Message) => setMessage(next), [])
  useEffect(() => {
    if (!message || message.isError) return
    const timer = setTimeout(() => setMessage(undefined), shownMs)
    return () => clearTimeout(timer)
  }, [message])
  return (
    <Tell.Provider value={tell}>
      {children}
      <div className="u-messages" role={message?.isError ? 'alert' : 'status'} aria-live="polite">
        {message && (
          <Paper withBorder shadow="md" p="sm" className={message.isError ? 'u-message-error' : 'u-message'}>
            <Group gap="sm" wrap="nowrap">
              <Text size="sm" className="u-wrap">
                {message.text}
              </Text>
              {message.action && (
                <Button
                  size="xs"
                  onClick={() => {
                    message.action?.run()
                    setMessage(undefined)
                  }}
                >
                  {message.action.label}
                </Button>
              )}
              <Button size="xs" variant="default" onClick={() => setMessage(undefined)}>
                Close
              </Button>
            </Group>
          </Paper>
        )}
      </div>
    </Tell.Provider>
  )
}
