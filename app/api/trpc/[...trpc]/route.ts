import { container } from "#server/container.ts";

const handle = (request: Request): Promise<Response> => container().trpc(request);

export { handle as GET, handle as POST };
export const dynamic = "force-dynamic";
