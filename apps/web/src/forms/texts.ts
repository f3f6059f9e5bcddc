import { defineTexts } from '../i18n/i18n.ts';

export const formTexts = defineTexts('form', {
  en: {
    required: 'required',
    none: 'This module asks for nothing.',
    unknownForm: 'This client is too old for the form of this module.',
    chooseFile: 'Choose a file…',
    chosenFile: '{{name}}, {{size}} bytes',
    fileTooLarge: 'The file is larger than {{size}} bytes.',
    onePerLine: 'One per line',
    range: '{{min}} to {{max}}',
    atLeast: 'At least {{min}}',
    atMost: 'At most {{max}}',
    secretHint: 'Never shown again and never kept in this browser.',
    problems: 'Please look at these fields:',
  },
  zh: {
    required: '必填',
    none: '此模块无需参数。',
    unknownForm: '客户端版本过旧，无法显示此模块的表单。',
    chooseFile: '选择文件…',
    chosenFile: '{{name}}，{{size}} 字节',
    fileTooLarge: '文件超过 {{size}} 字节。',
    onePerLine: '每行一个',
    range: '{{min}} 到 {{max}}',
    atLeast: '不小于 {{min}}',
    atMost: '不大于 {{max}}',
    secretHint: '不会再次显示，也不保存在此浏览器中。',
    problems: '请检查以下字段：',
  },
});
