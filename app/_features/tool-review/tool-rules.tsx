"use client";

import { Button, MultiSelect, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ReviewRef, ReviewView } from "#server/features/tool-review/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { reviewWords } from "./review-words.ts";
import { useReviewed } from "./use-reviewed.ts";
import classes from "./review.module.css";

const CLASSES = ["read", "write", "dangerous"] as const;
const CONSENTS = ["always", "never"] as const;
const ROLES = ["viewer", "editor", "operator", "admin"] as const;

/** What an administrator says about one tool: what it may do, who may use it, whether each call needs consent. */
export function ToolRules(ref: ReviewRef) {
  const words = useWords(reviewWords);
  const query = useQuery(useTRPC().toolReview.get.queryOptions({ id: ref.id, tool: ref.tool }));
  if (query.data) return <RulesForm key={query.dataUpdatedAt} review={query.data} />;
  if (!query.isError) return <BlockSkeleton height={240} />;
  return toProblem(query.error).status === 404 ? (
    <p className={classes.note}>{words.unpinned}</p>
  ) : (
    <ErrorState error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
  );
}

function RulesForm({ review }: { review: ReviewView }) {
  const words = useWords(reviewWords);
  const reviewed = useReviewed();
  const [kind, setKind] = useState(review.class);
  const [approval, setApproval] = useState(review.approval);
  const [roles, setRoles] = useState(review.roles);
  const save = useMutation(
    useTRPC().toolReview.setRules.mutationOptions({
      onSuccess: () => notifications.show({ color: "ok", message: words.saved, autoClose: 3_000 }),
      onSettled: reviewed,
    }),
  );
  if (!review.mayReview) return <p className={classes.note}>{words.notYours}</p>;
  return (
    <form
      className={classes.rules}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({
          id: review.serverId,
          tool: review.tool,
          class: kind,
          approval,
          roles: ROLES.filter((role) => roles.includes(role)),
        });
      }}
    >
      <p className={classes.note}>{words.rulesHint}</p>
      <Select
        label={words.class}
        placeholder={words.classAuto}
        clearable
        value={kind}
        onChange={(value) => setKind(CLASSES.find((one) => one === value) ?? null)}
        data={CLASSES.map((value) => ({ value, label: words.classes[value] }))}
      />
      <Select
        label={words.consent}
        placeholder={words.consentAuto}
        clearable
        value={approval}
        onChange={(value) => setApproval(CONSENTS.find((one) => one === value) ?? null)}
        data={CONSENTS.map((value) => ({ value, label: words.consents[value] }))}
      />
      <MultiSelect
        label={words.roles}
        description={words.rolesHint}
        value={roles}
        onChange={setRoles}
        data={ROLES.map((value) => ({ value, label: words.roleNames[value] }))}
      />
      <FormErrors error={save.error} />
      <div className={classes.acts}>
        <Button type="submit" loading={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
