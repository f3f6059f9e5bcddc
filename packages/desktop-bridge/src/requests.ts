import { z } from 'zod';
import { fileContentSchema, followedRunSchema, profileSchema } from './models.ts';

const connection = z.int().min(1);
/** Of the page: what it calls a call or a stream by, to end it. */
const handle = z.string().regex(/^[0-9a-f-]{36}$/);
const method = z
  .string()
  .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
  .max(100);
const profileId = profileSchema.shape.id;
const credit = z.int().min(1).max(1000);
const userName = z.string().min(1).max(50);
const password = z.string().min(1).max(1024);

/** All that the page may ask of the main process: anything else is refused before it is looked at. */
export const requestSchemas = {
  'app.start': z.strictObject({}),
  'app.language': z.strictObject({ language: z.enum(['en', 'zh']) }),

  'profiles.list': z.strictObject({}),
  'profiles.save': z.strictObject({ profile: profileSchema }),
  'profiles.remove': z.strictObject({ profileId }),

  'connection.open': z.strictObject({ profileId }),
  'connection.enrol': z.strictObject({
    serverKey: profileId,
    address: profileSchema.shape.address,
    tls: z.boolean(),
    code: z.string().regex(/^[A-Za-z0-9_-]{20,200}$/),
    name: profileSchema.shape.name,
    environment: profileSchema.shape.environment,
    userName,
    password,
    deviceName: z.string().min(1).max(100),
  }),
  'connection.resume': z.strictObject({ connection }),
  'connection.signIn': z.strictObject({ connection, userName, password }),
  'connection.verifyTotp': z.strictObject({ connection, code: z.string().regex(/^\d{6}$/) }),
  'connection.signOut': z.strictObject({ connection }),
  'connection.retryNow': z.strictObject({ connection }),
  'connection.close': z.strictObject({ connection }),

  'call.send': z.strictObject({ connection, call: handle, method, params: z.unknown(), id: z.uuid().optional() }),
  'call.cancel': z.strictObject({ call: handle }),
  'stream.open': z.strictObject({ connection, stream: handle, method, params: z.unknown(), credit }),
  'stream.more': z.strictObject({ stream: handle, credit }),
  'stream.close': z.strictObject({ stream: handle }),

  'file.save': z.strictObject({ suggestedName: z.string().max(200), content: fileContentSchema }),
  'link.open': z.strictObject({ url: z.url().max(2000) }),
  'notice.show': z.strictObject({
    /** One notice per run: a second one of the same run takes the place of the first. */
    run: followedRunSchema.shape.id,
    title: z.string().min(1).max(200),
    body: z.string().max(500),
  }),
  'activity.set': z.strictObject({ runs: z.array(followedRunSchema).max(100), waiting: z.int().min(0).max(9999) }),
  'update.check': z.strictObject({}),
  'update.install': z.strictObject({}),
};

export type RequestName = keyof typeof requestSchemas;
export type RequestParams<N extends RequestName> = z.output<(typeof requestSchemas)[N]>;

export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requestSchemas, name);
}
