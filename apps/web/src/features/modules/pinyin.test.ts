import { describe, expect, it } from 'vitest';
import { initialsOf, matchesInitials } from './pinyin.ts';

describe('pinyin initials', () => {
  it.each([
    ['系统版本', 'xtbb'],
    ['最新登录', 'zxdl'],
    ['磁盘使用', 'cpsy'],
    ['服务状态', 'fwzt'],
    ['内存', 'nc'],
    ['用户列表', 'yhlb'],
    ['软件包升级', 'rjbsj'],
    ['文件同步', 'wjtb'],
    ['监听端口', 'jtdk'],
    ['安全审计', 'aqsj'],
    ['欧洲', 'oz'],
    ['额外', 'ew'],
    ['重启服务', 'cqfw'],
    ['重要', 'zy'],
  ])('%s is %s', (text, letters) => {
    expect(matchesInitials(text, letters)).toBe(true);
    expect(matchesInitials(text, `${letters}x`)).toBe(false);
  });

  it('finds the middle, mixes letters in, and passes over punctuation', () => {
    expect(matchesInitials('查看 nginx 日志', 'rz')).toBe(true);
    expect(matchesInitials('查看（nginx）日志', 'cknginxrz')).toBe(true);
    expect(initialsOf('重 a')).toEqual(['zc', '', 'a']);
  });
});
