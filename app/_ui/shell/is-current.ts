/** Whether a navigation entry stands for the page: itself or anything below it; "/" only for itself. */
export function isCurrent(pathname: string, href: string): boolean {
  if (href === "/") return pathname === "/";
  return pathname === href || pathname.startsWith(`${href}/`);
}
