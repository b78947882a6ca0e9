{{/* What one service is told beyond Kafka: its own names alone, as `kmzb up` has it. */}}
{{- define "kmzb.environment" -}}
{{- $v := .root.Values }}{{ $prefix := printf "KMZB_%s_" (.name | upper | replace "-" "_") }}
{{- $port := include "kmzb.port" .name | int }}
- { name: {{ $prefix }}URL, value: "http://0.0.0.0:{{ $port }}" }
- { name: {{ $prefix }}METRICS_URL, value: "http://0.0.0.0:{{ add $port 100 }}" }
{{- if hasKey $v.files "terms.toml" }}{{ if ne .name "routing" }}
- { name: KMZB_TERMS_FILE, value: /etc/kmzb/files/terms.toml }
{{- end }}{{ end }}
{{- if has .name (list "intake" "casework") }}
- { name: KMZB_OBJECTS_URL, value: {{ include "kmzb.objects-url" .root | quote }} }
{{- if $v.objects.url }}
- { name: KMZB_OBJECTS_REGION, value: {{ $v.objects.region | quote }} }
{{- with $v.objects.endpoint }}
- { name: KMZB_OBJECTS_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_OBJECTS_KEY_ID" "secret" $v.objects.secret "key" "key-id") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_OBJECTS_KEY" "secret" $v.objects.secret "key" "key") }}
{{- end }}
{{- end }}
{{- if has .name (list "casework" "sla-monitor" "notifier" "public-map") }}
{{ include "kmzb.secret-env" (dict "env" (printf "%sPOSTGRES_DSN" $prefix) "secret" $v.postgres.secret "key" .name) }}
{{- end }}
{{- if eq .name "intake" }}
- { name: KMZB_REDIS_URL, value: {{ include "kmzb.redis-url" .root | quote }} }
- { name: KMZB_PUBLIC_MAP_URL, value: {{ $v.urls.publicMap | quote }} }
{{- with $v.trustedProxies }}
- { name: KMZB_INTAKE_TRUSTED_PROXIES, value: {{ join "," . | quote }} }
{{- end }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_INTAKE_SECRET" "secret" $v.secrets "key" "intake-secret") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_INTAKE_RECEIPT_SECRET" "secret" $v.secrets "key" "receipt-secret") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_INTAKE_CONTACT_PUBLIC_KEY" "secret" $v.secrets "key" "contact-public-key") }}
{{- else if eq .name "public-map" }}
- { name: KMZB_PUBLIC_MAP_PUBLIC_URL, value: {{ $v.urls.publicMap | quote }} }
- { name: KMZB_PUBLIC_MAP_INTAKE_API_URL, value: "http://{{ .root.Release.Name }}-intake:8101" }
- { name: KMZB_INTAKE_URL, value: {{ $v.urls.intake | quote }} }
- { name: KMZB_NOTIFIER_URL, value: {{ $v.urls.notifier | quote }} }
{{- with $v.trustedProxies }}
- { name: KMZB_PUBLIC_MAP_TRUSTED_PROXIES, value: {{ join "," . | quote }} }
{{- end }}
{{- else if eq .name "casework" }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_CASEWORK_API_POSTGRES_DSN" "secret" $v.postgres.secret "key" "casework-api") }}
- { name: KMZB_CASEWORK_JWKS_URL, value: {{ $v.signIn.jwksUrl | quote }} }
- { name: KMZB_CASEWORK_DISCOVERY_URL, value: {{ $v.signIn.discoveryUrl | quote }} }
- { name: KMZB_CASEWORK_ISSUER, value: {{ $v.signIn.issuer | quote }} }
- { name: KMZB_CASEWORK_AUDIENCE, value: {{ $v.signIn.audience | quote }} }
{{- if hasKey $v.files "surges.toml" }}
- { name: KMZB_CASEWORK_SURGES_FILE, value: /etc/kmzb/files/surges.toml }
{{- end }}
{{- else if eq .name "notifier" }}
- { name: KMZB_NOTIFIER_PUBLIC_URL, value: {{ $v.urls.notifier | quote }} }
- { name: KMZB_NOTIFIER_MAP_API_URL, value: "http://{{ .root.Release.Name }}-public-map:8100" }
{{- with $v.trustedProxies }}
- { name: KMZB_NOTIFIER_TRUSTED_PROXIES, value: {{ join "," . | quote }} }
{{- end }}
- { name: KMZB_CASEWORK_URL, value: {{ $v.urls.casework | quote }} }
- { name: KMZB_PUBLIC_MAP_URL, value: {{ $v.urls.publicMap | quote }} }
{{- if hasKey $v.files "directory.toml" }}
- { name: KMZB_NOTIFIER_DIRECTORY, value: /etc/kmzb/files/directory.toml }
{{- end }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_NOTIFIER_SMTP_URL" "secret" $v.secrets "key" "smtp-url") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_NOTIFIER_CONTACT_PRIVATE_KEY" "secret" $v.secrets "key" "contact-private-key") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_NOTIFIER_LINK_SECRET" "secret" $v.secrets "key" "link-secret") }}
{{ include "kmzb.secret-env" (dict "env" "KMZB_NOTIFIER_WEBHOOK_SECRET" "secret" $v.secrets "key" "webhook-secret" "optional" true) }}
{{- end }}
{{- end }}
