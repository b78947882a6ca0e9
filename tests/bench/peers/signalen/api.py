"""The request: validated, written in one transaction, answered 201."""

from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.peers.signalen import AREA_TYPE
from bench.peers.signalen.models import (
    Area,
    Category,
    CategoryAssignment,
    Location,
    Priority,
    Reporter,
    Signal,
    Status,
    Type,
)


class PlaceField(serializers.Field):
    def to_internal_value(self, data: Any) -> Point:
        try:
            longitude, latitude = data["coordinates"]
            return Point(float(longitude), float(latitude), srid=4326)
        except (KeyError, TypeError, ValueError) as wrong:
            raise serializers.ValidationError("no point") from wrong


class LocationSerializer(serializers.ModelSerializer):
    geometrie = PlaceField()

    class Meta:
        model = Location
        fields = ("geometrie", "address", "extra_properties")


class ReporterSerializer(serializers.ModelSerializer):
    class Meta:
        model = Reporter
        fields = ("email", "phone", "sharing_allowed")


class CategorySerializer(serializers.ModelSerializer):
    sub_category = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all(), source="category")

    class Meta:
        model = CategoryAssignment
        fields = ("sub_category",)


class SignalSerializer(serializers.ModelSerializer):
    location = LocationSerializer()
    reporter = ReporterSerializer()
    category = CategorySerializer(source="category_assignment")
    incident_date_start = serializers.DateTimeField()

    class Meta:
        model = Signal
        fields = ("source", "text", "text_extra", "location", "category", "reporter", "incident_date_start")

    def validate(self, data: Any) -> Any:
        if unknown := set(self.initial_data) - set(self.fields):
            raise serializers.ValidationError(f"unknown: {', '.join(unknown)}")
        return data

    def create(self, validated_data: Any) -> Signal:
        with transaction.atomic():
            return create_initial(validated_data)


def create_initial(data: dict[str, Any]) -> Signal:
    """Every row of a new signal, as its manager writes them."""
    location, reporter_data = data.pop("location"), data.pop("reporter")
    category = data.pop("category_assignment")
    signal: Signal = Signal.objects.create(**data)
    areas = Area.objects.filter(_type__code=AREA_TYPE, geometry__contains=location["geometrie"])
    if areas.exists():
        area = areas.first()
        location |= {"area_type_code": AREA_TYPE, "area_code": area.code, "area_name": area.name}
    signal.location = Location.objects.create(**location, _signal_id=signal.pk)
    signal.status = Status.objects.create(state="m", _signal_id=signal.pk)
    signal.category_assignment = CategoryAssignment.objects.create(**category, _signal_id=signal.pk)
    signal.reporter = Reporter.objects.create(**reporter_data, _signal_id=signal.pk)
    signal.reporter.state = "approved"
    signal.reporter.save()
    signal.priority = Priority.objects.create(_signal_id=signal.pk)
    signal.type_assignment = Type.objects.create(_signal_id=signal.pk)
    signal.save()
    return signal


class Signals(APIView):
    def post(self, request: Request) -> Response:
        given = SignalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        signal = given.save()
        told = {"id": signal.pk, "signal_id": signal.uuid, "status": {"state": signal.status.state}}
        return Response({**told, "created_at": signal.created_at, "text": signal.text}, status=201)


def healthz(_: HttpRequest) -> HttpResponse:
    """Whether it serves."""
    return HttpResponse("ok")


urlpatterns = [
    path("v1/reports", Signals.as_view()),
    path("healthz", healthz),
]
