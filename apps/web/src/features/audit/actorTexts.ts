import { defineTexts } from '../../i18n/i18n.ts';

/** Names of those who act without being somebody. */
export const actorTexts = defineTexts('actors', {
  en: {
    device: 'device',
    unknownDevice: 'unknown device',
    firstStart: 'first start',
    terminals: 'terminals',
    retention: 'retention',
    agents: 'audit agent',
    ssh: 'SSH',
  },
  zh: {
    device: '设备',
    unknownDevice: '未知设备',
    firstStart: '首次启动',
    terminals: '终端',
    retention: '保留期限',
    agents: '审计代理',
    ssh: 'SSH',
  },
});
