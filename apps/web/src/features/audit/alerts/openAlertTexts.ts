import { defineTexts } from '../../../i18n/i18n.ts';

export const openAlertTexts = defineTexts('openAlerts', {
  en: { openAlerts_one: 'One open alert', openAlerts_other: '{{count}} open alerts' },
  zh: { openAlerts_one: '1 条未处理告警', openAlerts_other: '{{count}} 条未处理告警' },
});
