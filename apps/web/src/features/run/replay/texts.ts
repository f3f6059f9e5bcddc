import { defineTexts } from '../../../i18n/i18n.ts';

export const replayTexts = defineTexts('replay', {
  en: {
    replay: 'Replay',
    title: 'Replay of {{name}}',
    back: 'Back to the log',
    loading: 'Loading the output: {{count}} lines',
    partly: 'This output is too long for a page; only its beginning is replayed.',
    going: 'The run still goes on: this is what was stored until now.',
    nothing: 'Nothing was written that could be replayed',
    nothingWhy: 'This server wrote no output in this attempt, or it was removed by retention.',
  },
  zh: {
    replay: '回放',
    title: '{{name}} 的回放',
    back: '返回日志',
    loading: '正在加载输出：{{count}} 行',
    partly: '输出过长，页面只回放开头部分。',
    going: '执行仍在继续：这是目前已保存的输出。',
    nothing: '没有可回放的输出',
    nothingWhy: '此服务器在这次尝试中没有输出，或输出已按保留策略删除。',
  },
});
