// /proc is a file system of which no byte is free.
import { tmpdir } from 'node:os'
import { describe, expect, it } from '@jest/globals'
import { checkDisk } from '../../collector/cli/doctor-disk.ts'
import type { Session } from '../../collector/cli/session.ts'

const findings = (stack: object) => checkDisk({ stack } as Session)

describe("doctor's look at the disks", () => {
  it('tells one that is full, and what mends it', async () => {
    expect(await findings({ home: '/proc', dynamicDir: '/proc' })).toEqual([
      { check: 'disk', state: 'failed', detail: '0.0 GiB free at /proc', mend: expect.stringContaining('RETENTION') },
      { check: 'dynamic folder', state: 'failed', detail: '0.0 GiB free at /proc', mend: expect.any(String) },
    ])
  })

  it('tells how much room there is', async () => {
    const [finding] = await findings({ home: tmpdir() })
    expect(finding).toMatchObject({ check: 'disk', detail: expect.stringMatching(/^\d+\.\d GiB free at /) })
  })

  it('says nothing of a disk of another machine', async () => {
    expect(await findings({ home: '/nonexistent', dynamicDir: undefined })).toEqual([])
  })
})
