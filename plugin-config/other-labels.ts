// Words that other tools use, or that people write, after `understudy.`, and the label that is meant.

export const otherLabels: Readonly<Record<string, string>> = {
  enabled: 'enable',
  percent: 'share',
  'shadow.percent': 'share',
  'shadow.share': 'share',
  'shadow.enable': 'enable',
  sampling: 'share',
  sticky: 'sticky.cookie',
  stickyby: 'sticky.cookie',
  storage: 'store',
  name: 'route',
  timeout: 'protect.timeoutMs',
  'protect.timeout': 'protect.timeoutMs',
  rate: 'protect.rate',
  redact: 'redact.headers',
  compare: 'compare.<treatment>',
  rules: 'compare.<treatment>',
  'ignore.paths': 'ignore',
}
