"""The tables a report is written to, with the columns and indexes that it concerns."""

import uuid

from django.contrib.gis.db import models


class Created(models.Model):
    """What has its times."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class AreaType(models.Model):
    code = models.CharField(max_length=255, unique=True)


class Area(models.Model):
    code = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    _type = models.ForeignKey(AreaType, on_delete=models.CASCADE)
    geometry = models.MultiPolygonField(srid=4326)


class Category(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=255)


class Signal(Created):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    source = models.CharField(max_length=128, default="online")
    text = models.CharField(max_length=3000)
    text_extra = models.CharField(max_length=10000, default="", blank=True)
    incident_date_start = models.DateTimeField()
    incident_date_end = models.DateTimeField(null=True)
    extra_properties = models.JSONField(null=True)
    location = models.OneToOneField("signalen.Location", related_name="signal", null=True, on_delete=models.SET_NULL)
    status = models.OneToOneField("signalen.Status", related_name="signal", null=True, on_delete=models.SET_NULL)
    category_assignment = models.OneToOneField(
        "signalen.CategoryAssignment", related_name="signal", null=True, on_delete=models.SET_NULL
    )
    reporter = models.OneToOneField("signalen.Reporter", related_name="signal", null=True, on_delete=models.SET_NULL)
    priority = models.OneToOneField("signalen.Priority", related_name="signal", null=True, on_delete=models.SET_NULL)
    type_assignment = models.OneToOneField("signalen.Type", related_name="signal", null=True, on_delete=models.SET_NULL)


class Of(Created):
    """What belongs to a signal."""

    _signal = models.ForeignKey(Signal, related_name="+", on_delete=models.CASCADE)
    created_by = models.EmailField(null=True, blank=True)

    class Meta:
        abstract = True


class Location(Of):
    geometrie = models.PointField(srid=4326)
    stadsdeel = models.CharField(null=True, max_length=1)
    area_type_code = models.CharField(null=True, max_length=256)
    area_code = models.CharField(null=True, max_length=256)
    area_name = models.CharField(null=True, max_length=256)
    address = models.JSONField(null=True)
    extra_properties = models.JSONField(null=True)


class Status(Of):
    text = models.CharField(max_length=10000, null=True)
    state = models.CharField(max_length=36, default="m", db_index=True)


class CategoryAssignment(Of):
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    text = models.CharField(max_length=10000, null=True)


class Reporter(Of):
    email = models.EmailField(null=True)
    phone = models.CharField(max_length=17, null=True)
    sharing_allowed = models.BooleanField(default=False)
    state = models.CharField(max_length=32, default="new")


class Priority(Of):
    priority = models.CharField(max_length=60, default="normal", db_index=True)


class Type(Of):
    name = models.CharField(max_length=3, default="SIG")
