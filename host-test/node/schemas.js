// The shapes of Auth0's responses, with the members that the connector reads.

import { z } from 'zod';

const identity = z.object({ provider: z.string().nullish() });

const user = z.object({
  user_id: z.string().min(1),
  email: z.string().nullish(),
  identities: z.array(identity).nullish(),
  last_login: z.string().nullish(),
  logins_count: z.number().nullish(),
  blocked: z.boolean().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});

/** `GET /api/v2/users` with totals. */
const users = z.object({
  users: z.array(user),
  limit: z.number().optional(),
  total: z.number().optional(),
});

const logRow = z.object({
  _id: z.string().min(1),
  log_id: z.string().nullish(),
  date: z.string(),
  type: z.string(),
  user_id: z.string().nullish(),
  ip: z.string().nullish(),
  connection: z.string().nullish(),
  strategy: z.string().nullish(),
});

/** `GET /api/v2/logs`. */
const logs = z.array(logRow);

const day = z.object({
  date: z.string(),
  logins: z.number().nullish(),
  signups: z.number().nullish(),
});

/** `GET /api/v2/stats/daily`. */
const dailyStats = z.array(day);

/** The responses by name. */
export const schemas = { users, logs, daily_stats: dailyStats };

/** By resource, the responses that it is read from. */
export const responses = {
  auth0_user: { users },
  auth0_login_event: { logs },
  auth0_daily_active_users: { daily_stats: dailyStats },
};
