import { defineTexts } from '../i18n/i18n.ts';

export const optionTexts = defineTexts('formOptions', {
  en: {
    load: 'Ask the servers by {{module}}',
    mayLoad: 'Values can be asked for on up to three of the chosen servers; any other can be typed.',
    chooseServers: 'Choose servers first, to ask them for values; any can be typed.',
    found_one: '{{count}} value to choose from; any other can be typed.',
    found_other: '{{count}} values to choose from; any other can be typed.',
    showRun: 'Show the run',
  },
  zh: {
    load: '用 {{module}} 查询服务器',
    mayLoad: '可在至多三台所选服务器上查询可选值，也可直接输入。',
    chooseServers: '先选择服务器才能查询可选值，也可直接输入。',
    found_one: '{{count}} 个可选值，也可直接输入。',
    found_other: '{{count}} 个可选值，也可直接输入。',
    showRun: '查看执行记录',
  },
});
