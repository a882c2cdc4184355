// A dialog that is there while it is drawn: when it goes, the focus is where it was before.
import { Modal, type ModalProps } from '@mantine/core'
import { useEffect, useRef } from 'react'

export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const before = useRef(document.activeElement)
  useEffect(() => {
    const { current } = before
    return () => {
      if (current instanceof HTMLElement) current.focus({ preventScroll: true })
    }
  }, [])
  return <Modal opened {...props} />
}
