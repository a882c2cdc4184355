import { expect, it } from '@jest/globals'
import { whyNotUp } from '../../../collector/local-stack/docker/production-stack.ts'

// The first two lines are the engines' own: 20.10 with its userland proxy, 28 by its port allocator.
it.each([
  [
    'Error response from daemon: driver failed programming external connectivity on endpoint understudy-collector-1 (0e18): Error starting userland proxy: listen tcp4 127.0.0.1:8081: bind: address already in use',
    'port-taken',
    /^Port 8081 is taken by another program: .*UNDERSTUDY_WEB_PORT/,
  ],
  [
    'Error response from daemon: Bind for 0.0.0.0:80 failed: port is already allocated',
    'port-taken',
    /^Port 80 is taken/,
  ],
  [
    'Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /srv/understudy/.secrets/admin-token',
    'part-missing',
    /^\/srv\/understudy\/\.secrets\/admin-token is not there: .*init/,
  ],
  ['one\ntwo\nthree\nfour\nfive', 'unexpected', /^docker compose up: two \| three \| four \| five$/],
])('%s', (output, code, told) => {
  expect(whyNotUp(output)).toMatchObject({ code, message: expect.stringMatching(told) })
})
