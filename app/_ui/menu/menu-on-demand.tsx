"use client";

import {
  cloneElement,
  useState,
  type AriaAttributes,
  type ComponentType,
  type DOMAttributes,
  type ReactElement,
} from "react";

type ButtonAttributes = DOMAttributes<HTMLElement> & AriaAttributes;

interface MenuOnDemandProps<Props> {
  /** A button that passes its attributes on. */
  button: ReactElement;
  /** Imports the menu; an `OpeningMenu` around its entries. */
  load: () => Promise<ComponentType<Props & { button: ReactElement }>>;
  /** What the menu needs besides its button. */
  props: Props;
}

/** A menu whose script comes when the pointer or the keyboard is on its button, and not with the page. */
export function MenuOnDemand<Props extends object>({ button, load, props }: MenuOnDemandProps<Props>) {
  const [Menu, setMenu] = useState<ComponentType<Props & { button: ReactElement }> | null>(null);
  if (Menu) return <Menu {...props} button={button} />;
  const given = button.props as ButtonAttributes; // whatever the button is, these mean the same to it
  // without an answer the button stays as it is, for another try
  const prepare = () => void load().catch(() => undefined);
  return cloneElement(button as ReactElement<ButtonAttributes>, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter(event) {
      given.onPointerEnter?.(event);
      prepare();
    },
    onFocus(event) {
      given.onFocus?.(event);
      prepare();
    },
    onClick: () =>
      load().then(
        (loaded) => setMenu(() => loaded),
        () => undefined,
      ),
  });
}
