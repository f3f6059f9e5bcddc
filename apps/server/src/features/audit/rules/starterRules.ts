import { type AlertRuleDraft, alertRuleDraftSchema, type Title } from '@omanager/contract';

export interface Starter {
  key: string;
  title: Title;
  rule: AlertRuleDraft;
}

/** Where a command begins: at the start, after a separator, behind sudo or env. */
const start = String.raw`(?:^|[;&|({\x60\n])\s*(?:(?:sudo|doas|nohup|exec|command|env)(?:\s+-\S+)*\s+|\w+=\S*\s+)*(?:/\S*/)?`;

function starter(key: string, title: Title, rule: Partial<AlertRuleDraft>): Starter {
  return { key, title, rule: alertRuleDraftSchema.parse(rule) };
}

/** Rules to begin with. What a command line says is easily said otherwise: they find carelessness more than malice. */
export const starterRules: readonly Starter[] = [
  starter(
    'remove-root',
    { en: 'rm -r of the root or of a system folder', zh: '递归删除根目录或系统目录' },
    {
      name: 'Recursive removal of / or a system folder',
      severity: 'critical',
      pattern: String.raw`${start}rm\s+(?:-\S+\s+)*(?:-\w*[rR]\w*|--recursive)\s+(?:-\S+\s+)*["']?/(?:\*|(?:bin|boot|dev|etc|home|lib|lib64|opt|root|sbin|usr|var)(?:/\*?)?)?["']?(?:\s|[;&|)]|$)`,
    },
  ),
  starter(
    'download-to-shell',
    { en: 'A download that goes straight into a shell', zh: '下载内容直接交给 shell 执行' },
    {
      name: 'Download piped into a shell',
      severity: 'critical',
      pattern: String.raw`\b(?:curl|wget|fetch)\b[^;&\n]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:env\s+)?(?:ba|z|k|da|a)?sh\b|\b(?:ba|z|k|da|a)?sh\s+(?:-c\s+["']?\$\(|<\()\s*(?:curl|wget)\b`,
    },
  ),
  starter(
    'history',
    { en: 'Shell history switched off or removed', zh: '关闭或清除命令历史' },
    {
      name: 'Tampering with shell history',
      severity: 'warning',
      pattern: String.raw`\bhistory\s+-[cdw]\b|\bunset\s+(?:\S+\s+)*HIST(?:FILE|SIZE)\b|\bHISTFILE=(?:/dev/null|["']{2})?(?:\s|;|$)|\bHIST(?:FILE)?SIZE=0\b|\bset\s+\+o\s+history\b|(?:>|\b(?:rm|shred|truncate|ln)\b)[^;&|\n]*\.(?:bash|zsh|ash|sh)_history\b`,
    },
  ),
  starter(
    'passwords',
    { en: 'Users and passwords changed', zh: '更改用户或密码' },
    {
      name: 'Users and passwords changed',
      severity: 'warning',
      pattern: String.raw`${start}(?:passwd|chpasswd|useradd|adduser|usermod|userdel|deluser|vipw|chage)\b`,
    },
  ),
  starter(
    'sudoers',
    { en: 'Rights of sudo edited', zh: '编辑 sudo 权限' },
    {
      name: 'sudoers edited',
      severity: 'critical',
      pattern: String.raw`${start}visudo\b|(?:>|\b(?:vi|vim|nano|emacs|ed|sed|tee|cp|mv|install|rm|chmod|chown|ln)\b)[^;&|\n]*/etc/sudoers`,
    },
  ),
  starter(
    'ssh-keys',
    { en: 'SSH keys or the SSH server edited', zh: '编辑 SSH 密钥或 SSH 服务配置' },
    {
      name: 'SSH keys or sshd configuration edited',
      severity: 'critical',
      pattern: String.raw`(?:>|\b(?:vi|vim|nano|emacs|ed|sed|tee|cp|mv|install|rm|chmod|chown|ln)\b)[^;&|\n]*(?:authorized_keys|/etc/ssh/sshd_config)|\bssh-copy-id\b`,
    },
  ),
  starter(
    'service-stop',
    { en: 'A service stopped in production', zh: '在生产环境停止服务' },
    {
      name: 'Service stopped in production',
      severity: 'warning',
      pattern: String.raw`${start}(?:systemctl\s+(?:-\S+\s+)*(?:stop|disable|mask|kill)\b|service\s+\S+\s+stop\b|(?:shutdown|reboot|halt|poweroff)\b)`,
      environments: ['prod*'],
    },
  ),
];
