// A plugin with the tap's name that does nothing: tests of the overlay then show what the overlay does, and only that.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = `package tap

import (
	"context"
	"net/http"
)

type Config struct {
	Route, Side, Variant, ShadowTarget, IngestURL, TokenFile, HmacKeyFile string
	Generation, StickyHeader, StickyCookie, CredentialsFile              string
	Expects, RedactHeaders, RedactQuery                                  []string
	KeepPpm, ControlPpm, CaptureBytes, GuardBurst, GuardInFlight, TimeoutMs int64
	ControlLearn, PauseMs, GraphqlBytes                                  int64
	GuardRate, ControlRate, BreakAtPercent                               float64
	ExposeID                                                             bool
}

func CreateConfig() *Config { return &Config{} }

func New(ctx context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	return next, nil
}
`

/** A folder whose \`plugins-local\` holds it, for \`startTraefik({ pluginsDir })\`. */
export async function passThroughPlugin(): Promise<{ pluginsDir: string; remove: () => Promise<void> }> {
  const pluginsDir = await mkdtemp(join(tmpdir(), 'understudy-plugin-'))
  const module = join(pluginsDir, 'plugins-local/src/github.com/understudy-proxy/tap')
  await mkdir(module, { recursive: true })
  await writeFile(join(module, 'tap.go'), source)
  await writeFile(join(module, 'go.mod'), 'module github.com/understudy-proxy/tap\n\ngo 1.21\n')
  await writeFile(
    join(module, '.traefik.yml'),
    'displayName: Nothing\ntype: middleware\nimport: github.com/understudy-proxy/tap\nsummary: Does nothing\ntestData: {}\n',
  )
  return { pluginsDir, remove: () => rm(pluginsDir, { recursive: true, force: true }) }
}
