// A login portal made of better-auth, in one file, for Touchstone to be run against.
//
// It is a real portal with the least of our own around it: password, passkey, one-time codes, backup
// codes and a mailed reset link are better-auth's, all of them a JSON interface without pages. What is
// ours is the configuration below. Nothing survives a stop: the database lives in memory.
//
// Environment (README.md says more):
//   PORT            where to listen on 127.0.0.1 (8107)
//   VAR             a directory for the portal's log; without it nothing is written down
//   SMTP_PORT       send each mail to 127.0.0.1 at this port; without it mail is dropped
//   ORIGIN          the portal's own origin, which passkeys are bound to (http://localhost)
//   RATE_LIMITS     1: better-auth's own limits, which are off by default
//   RESET_LIFETIME  seconds a mailed link lives (300)

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";

import { passkey } from "@better-auth/passkey";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { twoFactor } from "better-auth/plugins";
import nodemailer from "nodemailer";

const { PORT = "8107", VAR, SMTP_PORT, ORIGIN = "http://localhost", RESET_LIFETIME = "300" } = process.env;

const derived = promisify(scrypt);
const QUICK = { N: 1024, r: 8, p: 1 };

// better-auth's own parameters cost a tenth of a second a sign-in, which thousands of sign-ins cannot
// pay. What is hashed are generated passwords of accounts that live for minutes.
const quickHash = {
  async hash(password) {
    const salt = randomBytes(16);
    return `${salt.toString("hex")}:${(await derived(password, salt, 32, QUICK)).toString("hex")}`;
  },
  async verify({ hash, password }) {
    const [salt, key] = hash.split(":").map((part) => Buffer.from(part, "hex"));
    return timingSafeEqual(key, await derived(password, salt, 32, QUICK));
  },
};

const post = SMTP_PORT
  ? nodemailer.createTransport({ host: "127.0.0.1", port: Number(SMTP_PORT), secure: false, ignoreTLS: true })
  : nodemailer.createTransport({ jsonTransport: true });

function noted(level, message, ...more) {
  if (VAR) appendFileSync(join(VAR, "portal.log"), `${level} ${message} ${more.map(String).join(" ")}\n`);
}

// better-auth's database in memory copies all of itself for every transaction, of which each ceremony has
// one. Its single steps are whole by themselves: nothing else runs meanwhile.
function inMemory(tables) {
  const adapter = memoryAdapter(tables);
  return (options) => {
    const made = adapter(options);
    return { ...made, transaction: (steps) => steps(made) };
  };
}

const auth = betterAuth({
  appName: "Portal",
  baseURL: ORIGIN,
  trustedOrigins: [ORIGIN],
  secret: randomBytes(32).toString("hex"),
  database: inMemory({ user: [], session: [], account: [], verification: [], passkey: [], twoFactor: [] }),
  // better-auth's limits count per address and would stop a suite that comes from one address.
  rateLimit: { enabled: Boolean(Number(process.env.RATE_LIMITS ?? "0")) },
  telemetry: { enabled: false },
  logger: { level: "warn", log: noted },
  // Anyone may sign up, at once: this is how the suite gets its accounts.
  emailAndPassword: {
    enabled: true,
    password: quickHash,
    resetPasswordTokenExpiresIn: Number(RESET_LIFETIME),
    async sendResetPassword({ user, url }) {
      const text = `To choose a new password, open\n\n${url}\n`;
      await post.sendMail({ from: "portal@localhost", to: user.email, subject: "Reset your password", text });
    },
  },
  plugins: [twoFactor(), passkey({ rpID: new URL(ORIGIN).hostname, rpName: "Portal", origin: ORIGIN })],
});

createServer(toNodeHandler(auth)).listen(Number(PORT), "127.0.0.1", () => {
  console.error(`serving ${ORIGIN}/api/auth at 127.0.0.1:${PORT}`);
});
