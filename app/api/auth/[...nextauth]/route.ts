import NextAuth from "next-auth";
import type { NextRequest } from "next/server";
import { container } from "#server/container.ts";

const handler = (request: NextRequest, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> =>
  // A copy for each request: next-auth writes its defaults into what it gets.
  NextAuth(request, context, { ...container().authOptions });

export { handler as GET, handler as POST };
