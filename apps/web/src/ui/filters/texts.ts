import { defineTexts } from '../../i18n/i18n.ts';

export const filterTexts = defineTexts('filters', {
  en: {
    remove: 'Remove the filter {{name}}',
    clear: 'Clear filters',
    saved: 'Saved filters',
    save: 'Save this filter…',
    nothing: 'Set a filter first, then save it here under a name.',
    name: 'Name',
    keep: 'Save filter',
    forget: 'Remove {{name}}',
    from: 'From day',
    to: 'To day',
    today: 'Today',
    week: '7 days',
    month: '30 days',
  },
  zh: {
    remove: '去掉筛选条件 {{name}}',
    clear: '清除筛选',
    saved: '已存筛选',
    save: '保存当前筛选…',
    nothing: '先设置筛选条件，再在这里命名保存。',
    name: '名称',
    keep: '保存筛选',
    forget: '删除 {{name}}',
    from: '开始日期',
    to: '结束日期',
    today: '今天',
    week: '近 7 天',
    month: '近 30 天',
  },
});
