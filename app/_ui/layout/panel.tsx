import { useId, type ReactNode } from "react";
import classes from "./layout.module.css";

interface Headed {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page under its own heading, on the page's ground. */
export function Section({ title, description, actions, children }: Headed) {
  const id = useId();
  return (
    <section className={classes.section} {...(title ? { "aria-labelledby": id } : {})}>
      <Heading id={id} title={title} description={description} actions={actions} />
      {children}
    </section>
  );
}

/** A surface with a hairline border. `flush` leaves out the padding, for tables and lists that reach the border. */
export function Panel({ flush = false, footer, ...headed }: Headed & { flush?: boolean; footer?: ReactNode }) {
  const id = useId();
  const { title, description, actions, children } = headed;
  return (
    <section className={classes.panel} {...(title ? { "aria-labelledby": id } : {})}>
      <Heading id={id} title={title} description={description} actions={actions} />
      <div className={classes.panelBody} data-flush={flush || undefined}>
        {children}
      </div>
      {footer && <footer className={classes.panelFooter}>{footer}</footer>}
    </section>
  );
}

function Heading({ id, title, description, actions }: Omit<Headed, "children"> & { id: string }) {
  if (!title && !actions) return null;
  return (
    <div className={classes.heading}>
      <div>
        {title && (
          <h2 id={id} className={classes.headingTitle}>
            {title}
          </h2>
        )}
        {description && <p className={classes.headingDescription}>{description}</p>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}
