{{/*
How fast pods come and go. A pod that leaves sends its clients to the others, which must not look like a reason to add one.
*/}}
{{- define "holdfast.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - type: Percent
      value: 100
      periodSeconds: 60
scaleDown:
  stabilizationWindowSeconds: {{ int .Values.autoscaling.scaleDownStabilizationSeconds }}
  policies:
    - type: Pods
      value: 1
      periodSeconds: {{ max 60 (include "holdfast.gracePeriodSeconds" . | int) }}
{{- end -}}
