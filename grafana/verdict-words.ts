// The verdict's numbers in the metric `understudy_verdict`, as words.
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'

const word = (text: string, color: string) => ({ text, color })

export const verdictWords: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '1': word('PASS', 'green'),
      '0': word('INCONCLUSIVE', 'yellow'),
      '-1': word('FAIL', 'red'),
      '-2': word('INVALID', 'dark-red'),
    },
  } as ValueMapping,
]
