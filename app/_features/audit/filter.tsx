"use client";

import { NativeSelect } from "@mantine/core";
import classes from "./audit.module.css";

/** One of few, or any. */
export function Filter(props: {
  label: string;
  any: string;
  value: string | null;
  onChange: (value: string | null) => void;
  options: { value: string; label: string }[];
}) {
  const { label, any, value, onChange, options } = props;
  return (
    <NativeSelect
      aria-label={label}
      className={classes.filter}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      data={[{ value: "", label: any }, ...options]}
    />
  );
}
