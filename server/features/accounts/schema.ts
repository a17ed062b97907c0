import { z } from "zod";
import { PERMISSIONS, ROLES } from "../../kernel/permissions.ts";

export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 128;

/** An address as it is stored and compared: trimmed, lower case. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "At most 254 characters")
  .pipe(z.email("Not an e-mail address; write it like name@example.com"))
  .meta({ description: "E-mail address; upper and lower case are the same" });

const PersonName = z
  .string()
  .trim()
  .min(1, "Write your name")
  .max(100, "At most 100 characters")
  .regex(/^[^\p{Cc}]*$/u, "Control characters are not allowed");

/** Any text: what is wrong with a new password is said as 422 with a remedy, by `register` and `changePassword`. */
const Password = z.string().max(1_024, "At most 128 characters");

export const Register = z.strictObject({
  email: Email,
  password: Password.meta({ description: "8 to 128 characters, not a common one" }),
  name: PersonName,
});
export type Register = z.output<typeof Register>;

export const Login = z.strictObject({ email: Email, password: Password });
export type Login = z.output<typeof Login>;

export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(200) });
export const UpdateProfile = z.strictObject({ name: PersonName });
export type UpdateProfile = z.output<typeof UpdateProfile>;

export const ChangePassword = z.strictObject({ currentPassword: Password, newPassword: Password });
export type ChangePassword = z.output<typeof ChangePassword>;

export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1, "Give the key a name").max(100, "At most 100 characters"),
  scopes: z
    .array(z.enum(PERMISSIONS, "Not a permission"))
    .max(PERMISSIONS.length)
    .default([])
    .meta({ description: "Permissions that the key is limited to; empty: all that its creator may do" }),
  expiresAt: z.coerce.date("Not a date").nullish().meta({
    description: "When it ends; without it, it works until it is revoked",
    type: "string",
    format: "date-time",
  }),
});
export type CreateApiKey = z.output<typeof CreateApiKey>;

export const ById = z.strictObject({ id: z.string().min(1).max(64) });
export type ById = z.output<typeof ById>;

export const Message = z.object({ message: z.string() });

const Moment = z.date().meta({ type: "string", format: "date-time" });

export const User = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  owner: z.boolean().meta({ description: "Platform owner: administers the whole installation" }),
});

export const SignedIn = z.object({
  token: z.string().meta({ description: "Access token (HS256), 15 minutes" }),
  refreshToken: z.string().meta({ description: "Works once, 7 days; the answer to it brings the next" }),
  user: User.extend({
    workspaceId: z.string(),
    role: z.enum(ROLES),
    tier: z.enum(["free", "premium", "own-key"]),
  }),
});
export type SignedIn = z.output<typeof SignedIn>;

export const Me = z.object({
  user: User,
  workspace: z.object({
    id: z.string(),
    name: z.string(),
    personal: z.boolean(),
    tier: z.enum(["free", "premium", "own-key"]),
  }),
  role: z.enum(ROLES),
  via: z.enum(["session", "token", "api-key", "pod", "oauth"]),
  permissions: z.array(z.enum(PERMISSIONS)).meta({ description: "All that this credential may do here" }),
});
export type Me = z.output<typeof Me>;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string().meta({ description: "First characters of the key" }),
  scopes: z.array(z.string()),
  createdAt: Moment,
  expiresAt: Moment.nullable(),
  lastUsedAt: Moment.nullable(),
});
export type ApiKey = z.output<typeof ApiKey>;

export const NewApiKey = ApiKey.extend({ key: z.string().meta({ description: "The key itself: shown this once" }) });
export type NewApiKey = z.output<typeof NewApiKey>;

export const Session = z.object({
  id: z.string(),
  kind: z.enum(["browser", "token"]),
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  createdAt: Moment,
  lastSeenAt: Moment,
  expiresAt: Moment,
  current: z.boolean(),
});
export type Session = z.output<typeof Session>;
