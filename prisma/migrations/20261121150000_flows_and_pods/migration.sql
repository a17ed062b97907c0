-- CreateEnum
CREATE TYPE "PodState" AS ENUM ('starting', 'warm', 'claimed', 'draining', 'terminated', 'failed');

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "depth" INTEGER NOT NULL DEFAULT 0,
DROP COLUMN "deadlineAt";

-- AlterTable: json keeps the order of keys, which jsonb does not
ALTER TABLE "RunEvent" ALTER COLUMN "data" TYPE JSON;
ALTER TABLE "ChatMessage" ALTER COLUMN "parts" TYPE JSON;

-- CreateIndex
CREATE INDEX "Run_endedAt_idx" ON "Run"("endedAt");

-- CreateTable
CREATE TABLE "RunStep" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "nodeId" TEXT NOT NULL,
    "nodeType" TEXT NOT NULL,
    "nodeName" TEXT,
    "fromSeq" INTEGER,
    "fromPort" INTEGER,
    "status" TEXT NOT NULL,
    "input" JSON,
    "preview" TEXT,
    "outputs" JSON,
    "context" JSON,
    "statusText" TEXT,
    "error" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "durationMs" DOUBLE PRECISION,

    CONSTRAINT "RunStep_pkey" PRIMARY KEY ("runId","seq")
);

-- CreateTable
CREATE TABLE "RunCall" (
    "runId" TEXT NOT NULL,
    "stepSeq" INTEGER NOT NULL,
    "n" INTEGER NOT NULL,
    "op" TEXT NOT NULL,
    "args" JSON NOT NULL,
    "state" TEXT NOT NULL,
    "result" JSON,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RunCall_pkey" PRIMARY KEY ("runId","stepSeq","n")
);

-- CreateTable
CREATE TABLE "RunPayload" (
    "runId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "size" INTEGER NOT NULL,

    CONSTRAINT "RunPayload_pkey" PRIMARY KEY ("runId","hash")
);

-- CreateTable
CREATE TABLE "FlowDocument" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "nodes" JSON NOT NULL,
    "credentials" JSONB,
    "settings" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FlowDocument_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlowRevision" (
    "documentId" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "nodes" JSON NOT NULL,
    "credentials" JSONB,
    "authorId" TEXT,
    "source" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "FlowRevision_pkey" PRIMARY KEY ("documentId","revision")
);

-- CreateTable
CREATE TABLE "Flow" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "documentId" TEXT NOT NULL,
    "tabId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "nodeCount" INTEGER NOT NULL DEFAULT 0,
    "changedIn" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Flow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlowEndpoint" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "nodeId" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,

    CONSTRAINT "FlowEndpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlowContext" (
    "workspaceId" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSON NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FlowContext_pkey" PRIMARY KEY ("workspaceId","scope","key")
);

-- CreateTable
CREATE TABLE "Approval" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "runId" TEXT,
    "stepSeq" INTEGER,
    "callN" INTEGER,
    "flowId" TEXT,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "question" TEXT NOT NULL,
    "detail" JSON NOT NULL,
    "options" JSON NOT NULL,
    "form" JSON NOT NULL,
    "approvers" TEXT[],
    "required" INTEGER NOT NULL DEFAULT 1,
    "notByStarter" BOOLEAN NOT NULL DEFAULT false,
    "starterId" TEXT,
    "status" TEXT NOT NULL DEFAULT 'open',
    "decision" TEXT,
    "values" JSONB,
    "comment" TEXT,
    "decidedById" TEXT,
    "decidedByName" TEXT,
    "decidedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),
    "defaultOption" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApprovalVote" (
    "approvalId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "option" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ApprovalVote_pkey" PRIMARY KEY ("approvalId","userId")
);

-- CreateTable
CREATE TABLE "Pod" (
    "id" TEXT NOT NULL,
    "driver" TEXT NOT NULL,
    "state" "PodState" NOT NULL DEFAULT 'starting',
    "address" TEXT,
    "workspaceId" TEXT,
    "userId" TEXT,
    "seat" TEXT,
    "tokenHash" TEXT,
    "memoryMb" INTEGER,
    "busy" JSONB,
    "version" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "readyAt" TIMESTAMPTZ(3),
    "claimedAt" TIMESTAMPTZ(3),
    "lastActivityAt" TIMESTAMPTZ(3),
    "lastSeenAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "Pod_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PodEvent" (
    "id" TEXT NOT NULL,
    "podId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PodEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "InstallationSetting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "InstallationSetting_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "FlowDocument_workspaceId_userId_key" ON "FlowDocument"("workspaceId", "userId");

-- CreateIndex
CREATE INDEX "Flow_workspaceId_id_idx" ON "Flow"("workspaceId", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Flow_documentId_tabId_key" ON "Flow"("documentId", "tabId");

-- CreateIndex
CREATE INDEX "FlowEndpoint_workspaceId_method_idx" ON "FlowEndpoint"("workspaceId", "method");

-- CreateIndex
CREATE INDEX "FlowEndpoint_flowId_idx" ON "FlowEndpoint"("flowId");

-- CreateIndex
CREATE INDEX "Approval_workspaceId_status_id_idx" ON "Approval"("workspaceId", "status", "id" DESC);

-- CreateIndex
CREATE INDEX "Approval_status_expiresAt_idx" ON "Approval"("status", "expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Approval_runId_stepSeq_callN_key" ON "Approval"("runId", "stepSeq", "callN");

-- CreateIndex
CREATE UNIQUE INDEX "Pod_seat_key" ON "Pod"("seat");

-- CreateIndex
CREATE UNIQUE INDEX "Pod_tokenHash_key" ON "Pod"("tokenHash");

-- CreateIndex
CREATE INDEX "Pod_state_createdAt_idx" ON "Pod"("state", "createdAt");

-- CreateIndex
CREATE INDEX "Pod_workspaceId_userId_idx" ON "Pod"("workspaceId", "userId");

-- CreateIndex
CREATE INDEX "PodEvent_podId_id_idx" ON "PodEvent"("podId", "id");

-- The queue, and what is at work: few rows among many. Prisma's schema has no words for an index of a part of a table.
CREATE INDEX "Run_queue_idx" ON "Run"("status", "depth", "workspaceId", "createdAt", "id") WHERE "status" IN ('queued', 'running');

-- CreateIndex
CREATE INDEX "Run_parentRunId_idx" ON "Run"("parentRunId");

-- AddForeignKey
ALTER TABLE "RunStep" ADD CONSTRAINT "RunStep_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunCall" ADD CONSTRAINT "RunCall_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunPayload" ADD CONSTRAINT "RunPayload_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FlowRevision" ADD CONSTRAINT "FlowRevision_documentId_fkey" FOREIGN KEY ("documentId") REFERENCES "FlowDocument"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Flow" ADD CONSTRAINT "Flow_documentId_fkey" FOREIGN KEY ("documentId") REFERENCES "FlowDocument"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FlowEndpoint" ADD CONSTRAINT "FlowEndpoint_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "Flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Approval" ADD CONSTRAINT "Approval_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApprovalVote" ADD CONSTRAINT "ApprovalVote_approvalId_fkey" FOREIGN KEY ("approvalId") REFERENCES "Approval"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PodEvent" ADD CONSTRAINT "PodEvent_podId_fkey" FOREIGN KEY ("podId") REFERENCES "Pod"("id") ON DELETE CASCADE ON UPDATE CASCADE;


