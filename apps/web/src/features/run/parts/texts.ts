import { defineTexts } from '../../../i18n/i18n.ts';

export const partTexts = defineTexts('runParts', {
  en: {
    namesCopied_one: '{{count}} server name copied',
    namesCopied_other: '{{count}} server names copied',
    linkCopied: 'Link copied',
    summaryCopied: 'Summary copied',
    notCopied: 'Not copied: the browser does not allow it',
  },
  zh: {
    namesCopied_one: '已复制 {{count}} 个服务器名称',
    namesCopied_other: '已复制 {{count}} 个服务器名称',
    linkCopied: '已复制链接',
    summaryCopied: '已复制摘要',
    notCopied: '未复制：浏览器不允许',
  },
});
