import { tmpdir } from 'node:os'
import { expect, it } from '@jest/globals'
import { dynamicFolderStatus } from '../../collector/roles/dynamic-folder.ts'

it('says that the folder can be written', async () => {
  expect(await dynamicFolderStatus(tmpdir())()).toMatchObject({ state: 'ok', required: false })
})

it('names a folder that cannot, and what mends it', async () => {
  const { state, detail, mend } = await dynamicFolderStatus('/nonexistent/dynamic')()
  expect([state, detail]).toEqual([
    'degraded',
    expect.stringMatching(/^\/nonexistent\/dynamic cannot be written by uid \d+ \(ENOENT\)/),
  ])
  expect(mend).toContain('understudy init')
})
