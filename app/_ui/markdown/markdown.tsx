"use client";

import { IconExternalLink, IconPhotoOff, IconSquare, IconSquareCheck } from "@tabler/icons-react";
import Link from "next/link";
import { isValidElement, memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "../copy/code-block.tsx";
import { isOwnImage, linkKind } from "./links.ts";
import classes from "./markdown.module.css";

// On the server there is no location: an origin that no address has makes every absolute one foreign, as is safe.
const origin = () => (typeof window === "undefined" ? "http://origin.invalid" : window.location.origin);

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : "";
}

const components: Components = {
  a({ href, children }) {
    const kind = linkKind(href, origin());
    if (kind === "none" || !href) return <span>{children}</span>;
    if (kind === "inside") return <Link href={href}>{children}</Link>;
    return (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
        <IconExternalLink size={13} aria-hidden="true" />
      </a>
    );
  },
  img({ src, alt }) {
    const source = typeof src === "string" ? src : undefined;
    // its size is unknown and it is behind the sign-in: next/image can do nothing for it
    // oxlint-disable-next-line nextjs/no-img-element
    if (isOwnImage(source, origin())) return <img src={source} alt={alt ?? ""} loading="lazy" />;
    return (
      <span className={classes.noImage}>
        <IconPhotoOff size={14} aria-hidden="true" /> {alt || source}
      </span>
    );
  },
  pre({ children }) {
    const language = isValidElement<{ className?: string }>(children)
      ? /language-([\w+-]+)/.exec(children.props.className ?? "")?.[1]
      : undefined;
    return <CodeBlock code={textOf(children).replace(/\n$/, "")} {...(language ? { title: language } : {})} />;
  },
  table({ children }) {
    return (
      // it scrolls sideways: without focus the keyboard cannot reach what is out of sight
      <div className={classes.table} tabIndex={0} role="group" aria-label="Table">
        <table>{children}</table>
      </div>
    );
  },
  // the boxes of task lists, which nobody can tick here
  input({ checked }) {
    const Box = checked ? IconSquareCheck : IconSquare;
    return <Box size={16} role="img" aria-label={checked ? "☑" : "☐"} />;
  },
  // the page has its own first heading
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h5>{children}</h5>,
  h5: ({ children }) => <h6>{children}</h6>,
};

const plugins = [remarkGfm];

/** Text of people and models: GitHub's Markdown, no HTML, no foreign images. Renders again only for other text. */
export const Markdown = memo(function Markdown({ children }: { children: string }) {
  return (
    <div className={classes.prose}>
      <ReactMarkdown remarkPlugins={plugins} components={components} skipHtml>
        {children}
      </ReactMarkdown>
    </div>
  );
});
