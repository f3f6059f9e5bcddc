import { defineTexts } from '../../i18n/i18n.ts';

export const serverSetTexts = defineTexts('serverSets', {
  en: {
    sets: 'Server sets',
    none: 'No server set is saved yet',
    empty: 'No server matches the set “{{name}}” now',
    save: 'Save what is selected…',
    forget: 'Forget “{{name}}”',
    saveTitle: 'Save a server set',
    keep: 'Save set',
    replace: 'Replace set',
    name: 'Name',
    nameHint: 'Everybody sees it, also om. Its selector is worked out anew whenever it is used',
    nameWrong: 'Letters, digits, spaces and . _ - only',
  },
  zh: {
    sets: '服务器集合',
    none: '还没有保存的服务器集合',
    empty: '集合“{{name}}”目前没有匹配的服务器',
    save: '保存当前选择…',
    forget: '移除“{{name}}”',
    saveTitle: '保存服务器集合',
    keep: '保存集合',
    replace: '替换集合',
    name: '名称',
    nameHint: '所有人可见，om 也可使用。每次使用时重新计算其中的服务器',
    nameWrong: '只能使用字母、数字、空格和 . _ -',
  },
});
