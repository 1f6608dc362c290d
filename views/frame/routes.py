"""Addresses of the server that are no page."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from views.frame import teacher


async def ready(request: Request) -> Response:
    """Whether people can be sent here. Before it is warm the server answers nothing: any answer says yes."""
    return JSONResponse({"ready": True})


ROUTES = [Route("/api/ready", ready), Route(teacher.PATH, teacher.become_teacher)]
