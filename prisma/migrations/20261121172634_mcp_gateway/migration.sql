-- DropIndex
DROP INDEX "Upstream_name_key";

-- AlterTable
ALTER TABLE "Approval" ADD COLUMN     "argsHash" TEXT,
ADD COLUMN     "tool" TEXT,
ADD COLUMN     "usedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "AuditEntry" ADD COLUMN     "hash" TEXT,
ADD COLUMN     "seq" BIGINT;

-- AlterTable
ALTER TABLE "Flow" ADD COLUMN     "tool" JSONB;

-- AlterTable
ALTER TABLE "Upstream" ADD COLUMN     "auth" JSONB NOT NULL DEFAULT '{"kind":"none"}',
ADD COLUMN     "catalogueId" TEXT,
ADD COLUMN     "config" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "createdById" TEXT,
ADD COLUMN     "pinning" TEXT NOT NULL DEFAULT 'first-use',
ADD COLUMN     "policy" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "transport" JSONB NOT NULL DEFAULT '{"kind":"http"}';

-- CreateTable
CREATE TABLE "UpstreamActivation" (
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "upstream" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "UpstreamActivation_pkey" PRIMARY KEY ("workspaceId","userId","upstream")
);

-- CreateTable
CREATE TABLE "ToolPin" (
    "upstreamId" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "hash" TEXT,
    "definition" JSON,
    "proposedHash" TEXT,
    "proposed" JSON,
    "class" TEXT,
    "approval" TEXT,
    "roles" TEXT[],
    "reviewedById" TEXT,
    "reviewedAt" TIMESTAMPTZ(3),
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ToolPin_pkey" PRIMARY KEY ("upstreamId","tool")
);

-- CreateTable
CREATE TABLE "UpstreamCredential" (
    "id" TEXT NOT NULL,
    "upstreamId" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "scopes" TEXT[],
    "expiresAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UpstreamCredential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UpstreamAuthorization" (
    "stateHash" TEXT NOT NULL,
    "upstreamId" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "returnTo" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UpstreamAuthorization_pkey" PRIMARY KEY ("stateHash")
);

-- CreateTable
CREATE TABLE "Secret" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "keyId" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdById" TEXT NOT NULL,
    "updatedById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SecretKey" (
    "id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "SecretKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OAuthRecord" (
    "model" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "userId" TEXT,
    "grantId" TEXT,
    "uid" TEXT,
    "userCode" TEXT,
    "consumedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "OAuthRecord_pkey" PRIMARY KEY ("model","id")
);

-- CreateIndex
CREATE INDEX "ToolPin_state_idx" ON "ToolPin"("state");

-- CreateIndex
CREATE UNIQUE INDEX "UpstreamCredential_upstreamId_workspaceId_userId_issuer_key" ON "UpstreamCredential"("upstreamId", "workspaceId", "userId", "issuer");

-- CreateIndex
CREATE UNIQUE INDEX "Secret_workspaceId_name_key" ON "Secret"("workspaceId", "name");

-- CreateIndex
CREATE INDEX "OAuthRecord_grantId_idx" ON "OAuthRecord"("grantId");

-- CreateIndex
CREATE INDEX "OAuthRecord_uid_idx" ON "OAuthRecord"("uid");

-- CreateIndex
CREATE INDEX "OAuthRecord_userId_idx" ON "OAuthRecord"("userId");

-- CreateIndex
CREATE INDEX "OAuthRecord_expiresAt_idx" ON "OAuthRecord"("expiresAt");

-- CreateIndex
CREATE INDEX "Approval_workspaceId_tool_argsHash_idx" ON "Approval"("workspaceId", "tool", "argsHash");

-- CreateIndex
CREATE INDEX "AuditEntry_workspaceId_id_idx" ON "AuditEntry"("workspaceId", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "AuditEntry_seq_key" ON "AuditEntry"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "Upstream_workspaceId_name_key" ON "Upstream"("workspaceId", "name") NULLS NOT DISTINCT;

-- One question at a time for the same call of the same person outside of runs, beyond what Prisma's schema can say.
CREATE UNIQUE INDEX "Approval_open_call_key" ON "Approval"("workspaceId", "starterId", "tool", "argsHash") WHERE "kind" = 'tool' AND "runId" IS NULL AND "status" = 'open';

-- What the linker of the audit's chain still has to do.
CREATE INDEX "AuditEntry_unlinked_idx" ON "AuditEntry"("id") WHERE "seq" IS NULL;

-- The audit is append-only: entries are linked into the chain once, and change in nothing else.
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."seq" IS NULL AND NEW."seq" IS NOT NULL AND NEW."hash" IS NOT NULL THEN
    OLD."seq" := NEW."seq";
    OLD."hash" := NEW."hash";
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  -- Retention (AUDIT_RETENTION_DAYS) sets this for its own transaction, and keeps where the chain goes on.
  IF TG_OP = 'DELETE' AND current_setting('osf.audit_retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON "AuditEntry" FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON "AuditEntry" FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
